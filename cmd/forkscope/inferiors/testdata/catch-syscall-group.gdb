# program: fork
break main
continue
catch syscall group:process
continue
continue
continue
continue
continue
continue
