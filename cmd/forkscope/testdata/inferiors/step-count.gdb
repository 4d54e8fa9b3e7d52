# program: values
break loop
continue
next 4
step 3
print total
info locals
finish
tbreak half
continue
step 2
