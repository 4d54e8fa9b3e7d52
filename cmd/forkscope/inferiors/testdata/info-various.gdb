# program: values
break add
continue
info sharedlibrary
info args
info signals SIGUSR1
print $_thread
print $_inferior
print $_gthread
print sizeof(list)
whatis origin
ptype struct point
list 26,28
info display
info watchpoints
