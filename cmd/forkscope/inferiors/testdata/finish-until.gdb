# program: values
break loop
continue
next
next
next
next
until 50
print total
finish
break factorial if n == 1
continue
bt
finish
up 2
print n
continue
