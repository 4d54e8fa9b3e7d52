# program: syscalls
# machines: i386
break work
continue
catch syscall 4
continue
catch syscall 9999
catch syscall no_such_call
info breakpoints
delete
catch syscall getpgid close
continue
print $orig_eax
print $eax
continue
print $eax
print $_siginfo.si_signo
