# program: forever spin
# before: set non-stop on
break spin
continue
delete
next
continue &
# printed: ready
info threads
kill
info threads
