# program: sides
set detach-on-fork off
set schedule-multiple on
break main
continue
break both thread 1
info breakpoints
continue
info inferiors
continue
continue
