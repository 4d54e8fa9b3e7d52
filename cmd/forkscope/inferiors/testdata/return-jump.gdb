# program: values
break factorial
continue
return 42
next
print f
print origin
tbreak 60
jump 60
continue
