# program: masks
break mark
continue
print handled
continue
continue
print handled
continue
continue
print handled
handle SIGUSR2 nostop noprint
delete
continue
continue
