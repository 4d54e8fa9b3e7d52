# program: forever spin child
break waitpid
continue
# until: LIBRARY|waitpid
set $child = child_pid
add-inferior
inferior 2
eval "attach %d", $child
info inferiors
set var done = 1
info threads
bt
continue
inferior 1
delete
continue
