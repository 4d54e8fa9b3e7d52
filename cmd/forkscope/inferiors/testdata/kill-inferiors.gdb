# program: fork
set detach-on-fork off
break parent
continue
kill inferiors 2
info inferiors
next
next
next
print status & 0x7f
continue
