# program: forkexec 2
set detach-on-fork off
set schedule-multiple on
break leaf
continue
info inferiors
print link_number
inferior 1
print link_number
inferior 2
print link_number
kill inferiors 3
info inferiors
