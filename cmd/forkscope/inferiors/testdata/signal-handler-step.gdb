# program: signals
break on_usr1
handle SIGUSR1 nostop noprint
continue
bt -1
finish
info breakpoints
delete
break step
continue
finish
step
