# program: values
print add(1, 2)
break main
continue
print add(1, 2)
call add(20, 22)
call (void) add(0, 0)
print half(9.0)
print calls
print factorial(6)
print $_exitcode
print crash(0)
bt
print calls
continue
