# program: values
break loop
continue
next 4
step 3
print total
info locals
finish
tbreak add
continue
step 5
