# program: fork
# machines: i386
break main
continue
catch syscall group:process
continue
continue
continue
continue
continue
continue
