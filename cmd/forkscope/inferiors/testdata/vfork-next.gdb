# program: vfork
break 27
continue
next
next
next
print pid > 0
next
next
