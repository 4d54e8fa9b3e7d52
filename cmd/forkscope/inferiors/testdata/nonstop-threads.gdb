# program: threads
# before: set non-stop on
break work
continue
info threads
thread 3
print n
thread apply all print 1
