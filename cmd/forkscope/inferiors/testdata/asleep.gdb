# program: asleep
continue
# interrupt: ready
thread 1
print answer(1)
print copied = 2
print *shared = 8
print untouched[2048] = 9
print constant
print constant[0] = 'C'
print constant
thread 2
print answer(2)
print copied
print copied = 3
thread 1
print copied
signal SIGUSR1
