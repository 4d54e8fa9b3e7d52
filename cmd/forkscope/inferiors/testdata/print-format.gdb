# program: values
break half
continue
print d
print d * 2
set var d = 5.0
finish
print/x list
print/d origin
output total
echo \n
printf "%s %d %c\n", text, total, 'x'
print $_strlen(text)
