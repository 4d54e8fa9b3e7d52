# program: nested
set detach-on-fork off
set schedule-multiple on
break bottom
continue
info inferiors
print depth
bt
finish
delete
inferior 1
bt
print depth
detach inferiors 4
detach inferiors 3
detach inferiors 2
continue
