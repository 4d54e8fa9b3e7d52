# program: fork
# before: set non-stop on
set follow-fork-mode child
break twice
continue
info inferiors
next
detach
info inferiors
