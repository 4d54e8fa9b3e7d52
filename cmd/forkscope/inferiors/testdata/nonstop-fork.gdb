# program: fork
# before: set non-stop on
set detach-on-fork off
break twice
continue &
# until: hit Breakpoint 1.2
info inferiors
inferior 2
print n
inferior 1
interrupt
# until: stopped
inferior 2
continue
inferior 1
continue
print n
continue
