# program: fork
set breakpoint always-inserted on
break twice
continue
continue
