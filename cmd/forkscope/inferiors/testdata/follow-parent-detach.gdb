# program: fork
break twice
set follow-fork-mode parent
set detach-on-fork on
continue
print n
info inferiors
continue
