# program: sides
set detach-on-fork off
set schedule-multiple on
tbreak both
continue
break both thread 1.1
break both thread 2.1
info breakpoints
continue
continue
thread
continue
