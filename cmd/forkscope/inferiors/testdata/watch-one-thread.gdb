# program: threads
break work
continue
thread
watch work_done thread 3
delete 1
continue
bt 1
continue
