# program: syscalls
break main
continue
catch syscall write
continue
frame function work
continue
continue
continue
continue
