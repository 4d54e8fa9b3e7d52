# program: syscalls
break work
continue
catch syscall close chdir
continue
continue
frame function work
print result
continue
continue
info breakpoints
delete 2
continue
