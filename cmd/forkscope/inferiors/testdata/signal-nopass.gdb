# program: signals
handle SIGUSR1 nopass
continue
bt
continue
print usr1
continue
