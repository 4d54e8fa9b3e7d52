# program: crash kill
set detach-on-fork off
set follow-fork-mode child
catch fork
continue
delete
continue
info inferiors
print 1 + 1
inferior 2
continue
inferior 1
continue
