# program: vfork
set follow-fork-mode child
break again
continue
info inferiors
bt
continue
