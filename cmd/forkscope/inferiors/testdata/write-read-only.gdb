# program: own
break look
continue
print fixed
set var *(char *)fixed = 'R'
print fixed
continue
