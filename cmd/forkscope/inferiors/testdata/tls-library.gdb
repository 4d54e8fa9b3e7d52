# program: local
break here
continue
print (int)errno
continue
