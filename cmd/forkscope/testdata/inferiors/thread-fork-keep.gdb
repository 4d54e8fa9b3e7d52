# program: threadfork fork
set detach-on-fork off
set schedule-multiple on
break in_child
continue
info threads
delete
continue
