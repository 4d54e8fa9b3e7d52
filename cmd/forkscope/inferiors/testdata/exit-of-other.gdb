# program: fork
set detach-on-fork off
break parent
continue
next
inferior 2
continue
inferior 1
next
print status >> 8
info inferiors
continue
