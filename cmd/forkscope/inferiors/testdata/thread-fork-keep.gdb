# program: threadfork fork
set detach-on-fork off
set schedule-multiple on
break in_child
continue
bt 1
info inferiors
kill inferiors 1
kill inferiors 2
