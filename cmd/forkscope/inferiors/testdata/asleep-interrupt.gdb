# program: asleep
continue
# interrupt: ready
thread apply all print copied
print answer(4)
continue &
interrupt
# until: received signal SIGINT
thread 1
print answer(5)
kill
