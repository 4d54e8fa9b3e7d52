# program: sides
break both
set detach-on-fork off
set schedule-multiple on
continue
info inferiors
print who
continue
print who
continue
print who
continue
print who
info threads
delete
continue
