# program: vfork
set detach-on-fork off
catch exec
continue
info inferiors
break again
continue
