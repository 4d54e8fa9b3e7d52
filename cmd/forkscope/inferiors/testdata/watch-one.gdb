# program: watch
set detach-on-fork on
break main
continue
watch shared
continue
continue
continue
