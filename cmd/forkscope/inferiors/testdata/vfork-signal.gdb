# program: vfork signal
set follow-fork-mode child
continue
info inferiors
break handler
continue
bt -1
continue
continue
