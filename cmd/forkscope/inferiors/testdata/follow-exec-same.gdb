# program: exec 1
set follow-exec-mode same
break last
continue
info inferiors
bt
continue
