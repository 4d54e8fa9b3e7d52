# program: values
break add if a == 9
continue
bt
generate-core-file core
kill
core-file core
bt
print total
print list
info threads
