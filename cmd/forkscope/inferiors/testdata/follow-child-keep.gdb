# program: fork
break twice
set detach-on-fork off
set follow-fork-mode child
continue
info inferiors
print n
continue
print $_exitcode
inferior 1
continue
print n
continue
