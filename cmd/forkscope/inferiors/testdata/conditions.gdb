# program: values
break add if b == 3
ignore 1 0
continue
print a
condition 1 b == 1
continue
print b
condition 1
info breakpoints
continue
tbreak factorial if n == 2
continue
print n
ignore 1 2
continue
