# program: forever nap child
set detach-on-fork off
set schedule-multiple on
continue
# interrupt: ready
info inferiors
kill inferiors 2
inferior 1
continue
