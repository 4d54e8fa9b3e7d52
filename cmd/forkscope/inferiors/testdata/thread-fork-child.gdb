# program: threadfork fork
set follow-fork-mode child
break in_child
continue
info threads
info inferiors
bt 2
continue
