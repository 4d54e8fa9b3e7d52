# program: signals
handle SIGUSR1 nostop print pass
handle SIGUSR2 nostop noprint
break step if n == 4
continue
print usr1
print usr2
print value
continue
