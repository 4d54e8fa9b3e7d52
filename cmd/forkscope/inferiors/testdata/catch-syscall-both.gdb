# program: fork
break main
continue
catch syscall exit_group
set detach-on-fork off
set schedule-multiple on
continue
info inferiors
continue
inferior 1
continue
continue
