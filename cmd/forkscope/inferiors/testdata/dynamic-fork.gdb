# program: fork
# dynamic: yes
catch fork
continue
delete
set follow-fork-mode child
set detach-on-fork off
break child
continue
info inferiors
print twice(3)
info sharedlibrary
continue
inferior 1
continue
