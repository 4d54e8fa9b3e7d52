# program: fork
set follow-fork-mode child
set detach-on-fork off
break child
continue
inferior 1
break parent
continue
inferior 2
continue
inferior 1
finish
continue
