# program: fork
break twice
set follow-fork-mode child
set detach-on-fork on
continue
print n
info inferiors
finish
continue
