# program: threads
break work
continue
thread 1
handle SIGUSR1 nostop print
queue-signal SIGUSR1
continue
