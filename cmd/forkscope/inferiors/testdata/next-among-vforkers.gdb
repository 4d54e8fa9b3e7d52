# program: forkers vfork
# pace: real
# hide: ^(Detaching from|Killing) process
set print inferior-events off
set print thread-events off
break 39
continue
delete
next
next
next
next
print i
next
next
kill
