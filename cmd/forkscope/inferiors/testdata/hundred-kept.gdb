# program: hundred
break reap
set detach-on-fork off
continue
set $n = 2
while $n < 22
eval "detach inferiors %d", $n
set $n = $n + 1
continue
end
info inferiors
print number
inferior 22
bt
break mark
continue
print n
kill inferiors 22
inferior 1
detach
