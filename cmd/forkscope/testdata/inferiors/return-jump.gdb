# program: values
break factorial
continue
return 42
next
print f
print origin
jump 68
