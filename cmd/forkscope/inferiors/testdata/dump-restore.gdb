# program: values
break add if a == 9
continue
dump binary value list.bin list
set var list[0] = 0
set var list[1] = 0
print list
restore list.bin binary &list
print list
dump binary memory origin.bin &origin (&origin)+1
set var origin.x = 99
restore origin.bin binary &origin
print origin
compare-sections .text
