# program: signals
handle SIGUSR1 SIGUSR2 nostop noprint pass
break step
continue
queue-signal SIGUSR1
continue
print usr1
queue-signal SIGTERM
continue
