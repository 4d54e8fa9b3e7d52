# program: environment
# server: --multi
# A second program is run beside one that lives, the first again beside the second, and each ends by itself.
file @program@
set remote exec-file @program@
break main
run one
print argc
add-inferior -exec @program@
inferior 2
set remote exec-file @program@
run two words
print argc
print argv[1]
info inferiors
kill inferiors 1
info inferiors
inferior 1
run three more words
print argc
inferior 2
print argv[1]
finish
inferior 1
continue
info inferiors
run
print argc
kill
info inferiors
