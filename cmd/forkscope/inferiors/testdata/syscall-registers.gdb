# program: syscalls
# machines: i386
# At the entry, Linux for x86 has put an error where the result will be.
break work
continue
catch syscall close
continue
print $eax
continue
print $eax
