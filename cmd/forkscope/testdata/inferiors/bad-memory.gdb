# program: values
break main
continue
print *(int *)0
set var *(int *)16 = 4
x/2x 16
print $_siginfo
call *(int *)0
continue
