# program: threads
break main
continue
watch work_done
continue
bt 2
continue
thread
continue
continue
continue
