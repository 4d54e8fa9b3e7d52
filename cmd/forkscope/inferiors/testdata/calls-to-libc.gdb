# program: fork
break main
continue
print (int)getpid() > 1
print (long)malloc(100) != 0
print (int)getpid() == (int)getpid()
continue
