# program: chld
break told
continue
print children
continue
continue
print children
print last_code
print last_status
continue
