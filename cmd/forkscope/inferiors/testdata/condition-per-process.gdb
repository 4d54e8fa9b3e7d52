# program: sides
break both if who == 2
set detach-on-fork off
set schedule-multiple on
continue
print round
continue
print round
info breakpoints
continue
