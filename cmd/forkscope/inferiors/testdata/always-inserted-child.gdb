# program: fork
set breakpoint always-inserted on
set detach-on-fork off
break twice
break parent
continue
inferior 2
continue
delete 1
continue
inferior 1
continue
