# program: fork
# server: --multi
file @program@
set remote exec-file @program@
break twice
run
add-inferior -exec @program@
inferior 2
set remote exec-file @program@
run
info inferiors
continue
inferior 1
print n
continue
