# program: fork
set detach-on-fork off
set schedule-multiple on
break parent
tbreak child
continue
inferior 1
delete
next
next
next
info inferiors
