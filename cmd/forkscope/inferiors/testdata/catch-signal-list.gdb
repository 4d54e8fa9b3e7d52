# program: masks
catch signal SIGUSR1 SIGTRAP
info breakpoints
handle SIGUSR2 nostop noprint
continue
continue
continue
