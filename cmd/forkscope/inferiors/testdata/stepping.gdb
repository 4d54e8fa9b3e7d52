# program: values
break main
continue
next
step
step
step
finish
up
down
until
advance 66
next
info locals
tbreak half
continue
finish
continue
