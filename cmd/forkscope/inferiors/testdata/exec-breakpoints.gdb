# program: exec 2
break main
continue
next
print n
continue
next
print n
info breakpoints
continue
next
print n
continue
