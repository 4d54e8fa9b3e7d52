# program: threads
break work
continue
info threads
thread
thread apply all bt -1
thread apply 1 print i
continue
info threads
thread name first
continue
delete
tbreak all_done
continue
info threads
continue
