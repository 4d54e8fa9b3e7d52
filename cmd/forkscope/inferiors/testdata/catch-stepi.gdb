# program: stepi
break *&the_call
catch syscall getpid
continue
stepi
print $pc == &the_call
continue
continue
