# program: fork
set follow-fork-mode child
set detach-on-fork off
break child
break parent
continue
inferior 1
continue
inferior 2
continue
inferior 1
finish
continue
