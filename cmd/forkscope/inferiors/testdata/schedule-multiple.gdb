# program: fork
break child
set detach-on-fork off
set schedule-multiple on
continue
info inferiors
inferior 2
delete
next
next
inferior 1
info threads
