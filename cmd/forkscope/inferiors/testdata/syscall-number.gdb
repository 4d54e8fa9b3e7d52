# program: syscalls
break work
continue
eval "catch syscall %d", write_number
continue
print @number@ == write_number
catch syscall 9999
catch syscall no_such_call
info breakpoints
delete
catch syscall getpgid close
continue
print @number@ == close_number
continue
print @result@
print $_siginfo.si_signo
