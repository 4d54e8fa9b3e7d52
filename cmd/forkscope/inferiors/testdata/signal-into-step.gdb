# program: signals
break step
continue
finish
handle SIGUSR1 nostop noprint
next
print usr1
next
signal SIGUSR1
next
