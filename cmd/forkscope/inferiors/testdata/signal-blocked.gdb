# program: masks
tbreak mark
continue
break mark
signal SIGUSR1
signal SIGUSR1
print handled
signal SIGUSR2
continue
continue
continue
continue
