# program: values
# dynamic: yes
info sharedlibrary
break add
continue
bt
info sharedlibrary
finish
delete
tbreak puts
tbreak printf
continue
continue
