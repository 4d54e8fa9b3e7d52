# program: values
break main
continue
print (int)fork() > 1
set follow-fork-mode child
print (int)fork()
info inferiors
next
print total
