# program: forever spin
continue
# interrupt: ready
bt
set var done = 1
finish
continue
