# program: watch
set detach-on-fork off
set follow-fork-mode child
break main
continue
watch shared
continue
continue
info inferiors
info watchpoints
inferior 1
tbreak 28
continue
continue
continue
