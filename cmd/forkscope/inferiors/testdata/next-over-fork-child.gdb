# program: fork
set follow-fork-mode child
break main
continue
next
next
print pid
next
step
next
next
