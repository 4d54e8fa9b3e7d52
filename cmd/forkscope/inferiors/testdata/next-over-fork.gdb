# program: fork
break main
continue
next
next
print pid > 0
next
next
next
step
finish
continue
