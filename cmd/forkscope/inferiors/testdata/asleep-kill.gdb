# program: asleep
continue
# interrupt: ready
thread 2
print answer(4)
thread apply all print copied
kill
