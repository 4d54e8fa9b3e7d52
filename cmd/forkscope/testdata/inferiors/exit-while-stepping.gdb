# program: sides
set detach-on-fork off
set schedule-multiple on
break both if round == 1 && who == 1
continue
delete
next
next
next
next
next
info inferiors
