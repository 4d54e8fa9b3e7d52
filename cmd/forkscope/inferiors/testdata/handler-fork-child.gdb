# program: handlerfork
set follow-fork-mode child
break after
handle SIGUSR1 nostop print
continue
bt
finish
print in_child
continue
