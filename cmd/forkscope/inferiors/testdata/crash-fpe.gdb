# program: crash fpe
set follow-fork-mode child
set detach-on-fork off
continue
bt
continue
inferior 1
continue
