# program: threads
break work
continue
set scheduler-locking on
next
next
print work_done
set scheduler-locking step
next
show scheduler-locking
set scheduler-locking off
continue
thread
continue
thread
continue
