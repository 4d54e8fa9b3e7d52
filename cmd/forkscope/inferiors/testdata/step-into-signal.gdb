# program: signals
break 38
continue
handle SIGUSR1 nostop noprint
step
step
bt -1
finish
