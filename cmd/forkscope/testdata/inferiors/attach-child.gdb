# program: forever spin child
break waitpid
continue
add-inferior
inferior 2
eval "attach %d", 'forever.c'::child_pid
