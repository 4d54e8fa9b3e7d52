# program: killed
break before_kill
continue
finish
next
next
print status
continue
