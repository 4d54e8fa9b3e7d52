# program: spawn
set follow-fork-mode child
break spawned
continue
info inferiors
bt
continue
