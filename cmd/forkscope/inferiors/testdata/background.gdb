# program: forever spin
break spin
continue
delete
next
continue &
# printed: ready
interrupt
# until: received signal
set var done = 1
continue
