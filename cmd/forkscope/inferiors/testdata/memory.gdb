# program: values
break main
continue
x/s text
x/5dw list
x/8xb text
print list
set var list[2] = 77
print list
print origin
set var origin.name = "changed"
print origin
print &origin.x == (int *)&origin
find &list, +sizeof(list), 77
print $numfound
set var total = 1000
continue
