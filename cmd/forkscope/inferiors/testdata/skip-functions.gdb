# program: values
skip function add
break loop
continue
step
step
info skip
skip delete
step
step
step
