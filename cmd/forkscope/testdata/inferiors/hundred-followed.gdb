# program: hundred
break mark if n == 1
set detach-on-fork off
set schedule-multiple on
continue
inferior 1
continue
print number
print n
info inferiors
delete
continue
inferior 1
print number
detach
