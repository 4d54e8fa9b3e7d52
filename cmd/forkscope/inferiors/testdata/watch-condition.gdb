# program: watch
set follow-fork-mode child
break main
continue
watch shared if shared == 21
info watchpoints
continue
bt
continue
