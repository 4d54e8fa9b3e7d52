# program: many
set detach-on-fork off
break release
break turn
continue
info inferiors
detach inferiors 5 4
continue
continue
info inferiors
inferior 3
detach
inferior 1
delete
detach inferiors 2
continue
