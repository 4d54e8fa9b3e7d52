# program: crash kill
set detach-on-fork off
set schedule-multiple on
continue
info inferiors
continue
