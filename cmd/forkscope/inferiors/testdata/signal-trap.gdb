# program: masks
handle SIGUSR1 SIGUSR2 nostop noprint
continue
print $_siginfo.si_code
signal 0
