# program: threadfork fork
break body
continue
catch syscall wait4
continue
thread
info threads
continue
delete
continue
