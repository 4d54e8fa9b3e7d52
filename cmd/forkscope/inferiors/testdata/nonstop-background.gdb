# program: forever spin
# before: set non-stop on
break spin
continue
delete
next
continue &
# printed: ready
info threads
interrupt
# until: stopped
bt
set var done = 1
continue
