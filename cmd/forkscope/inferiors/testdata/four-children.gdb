# program: many
break turn
set detach-on-fork off
set schedule-multiple on
continue
print me
print n
info inferiors
continue
inferior 1
continue
print me
print n
kill inferiors 2 3
