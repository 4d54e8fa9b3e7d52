# program: timer
break tick
continue
bt -1
continue
print ticks
handle SIGALRM stop print
continue
continue
delete
handle SIGALRM nostop noprint
continue
