# program: nested
catch fork
set detach-on-fork off
continue
set follow-fork-mode child
continue
set follow-fork-mode parent
set detach-on-fork on
continue
info inferiors
delete
inferior 1
continue
