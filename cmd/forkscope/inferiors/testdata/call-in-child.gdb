# program: fork
set follow-fork-mode child
set detach-on-fork off
break child
continue
print twice(100)
print counter
inferior 1
print counter
print twice(7)
print counter
inferior 2
print counter
continue
