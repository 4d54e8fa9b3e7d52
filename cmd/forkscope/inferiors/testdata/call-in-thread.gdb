# program: threads
break work
continue
set scheduler-locking on
thread 1
print (int)getpid() > 0
thread 2
print work_done
call work(100)
bt 1
