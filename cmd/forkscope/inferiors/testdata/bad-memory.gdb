# program: values
break main
continue
print *(int *)0
set var *(int *)16 = 4
x/2x 16
call *(int *)0
print $_siginfo.si_signo
print no_such_symbol
break no_such_function
continue
