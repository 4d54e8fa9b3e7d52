# program: syscalls
break work
continue
catch syscall
continue
continue
continue
continue
delete
continue
