# program: signals
catch signal SIGUSR2
handle SIGUSR1 nostop noprint pass
continue
frame function main
print usr1
print usr2
continue
