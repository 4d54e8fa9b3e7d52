# program: forkexec 1
set follow-fork-mode child
set follow-exec-mode new
break leaf
continue
info inferiors
print link_number
continue
info inferiors
