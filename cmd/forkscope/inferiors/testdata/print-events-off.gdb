# program: nested
set print inferior-events off
set follow-fork-mode child
break bottom
continue
info inferiors
continue
