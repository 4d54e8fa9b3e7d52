# program: watch
set detach-on-fork off
break main
continue
watch shared if shared == 21
tbreak 35
info watchpoints
continue
inferior 2
continue
continue
