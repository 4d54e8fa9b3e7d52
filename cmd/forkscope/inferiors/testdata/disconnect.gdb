# program: fork
# once: no
break twice
continue
disconnect
info inferiors
target extended-remote :@port@
info breakpoints
bt
continue
