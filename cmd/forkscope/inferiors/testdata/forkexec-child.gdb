# program: forkexec 2
set follow-fork-mode child
break leaf
continue
info inferiors
print link_number
finish
continue
