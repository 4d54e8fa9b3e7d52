# program: values
break main
continue
break add
print add(3, 4)
bt
finish
continue
bt
delete
continue
