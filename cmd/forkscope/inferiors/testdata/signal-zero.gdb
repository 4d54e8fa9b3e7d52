# program: signals
continue
signal 0
signal SIGUSR2
continue
