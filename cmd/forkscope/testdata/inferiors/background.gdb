# program: forever spin
break spin
continue
delete
next
continue &
interrupt
# until: received signal
set var done = 1
continue
