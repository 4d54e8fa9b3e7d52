# program: fork
set detach-on-fork off
break parent
continue
info inferiors
detach inferiors 2
info inferiors
next
next
next
print status
continue
