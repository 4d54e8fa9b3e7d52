# program: killed
set detach-on-fork off
set schedule-multiple on
break before_kill
continue
delete
continue
info inferiors
