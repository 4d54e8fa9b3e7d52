# program: fork
break twice
break parent
set detach-on-fork off
continue
info inferiors
inferior 2
continue
print n
bt
continue
inferior 1
continue
continue
info inferiors
