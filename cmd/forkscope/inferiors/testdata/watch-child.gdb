# program: watch
break main
continue
set follow-fork-mode child
watch shared
continue
continue
continue
continue
