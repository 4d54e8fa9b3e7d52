# A kernel panic stops in panic(), while there still is something to look at; then the guest ends as it would have.
tbreak copy_thread if p->tgid == 2
continue
set $pc = 0
continue
bt
monitor panic go
monitor panic
continue
