# program: signals
catch signal all
continue
continue
continue
info breakpoints
delete
handle SIGUSR1 SIGUSR2 nostop noprint
continue
