# program: handlerfork
set follow-fork-mode child
break 31
handle SIGUSR1 nostop print
continue
bt
next
next
