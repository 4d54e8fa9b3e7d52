# program: exec
# server: --multi
file @program@
set remote exec-file @program@
set args 0
break last
run
bt
continue
set args 1
run
print n
continue
