# program: nested
break bottom
set follow-fork-mode child
set detach-on-fork off
continue
detach
inferior 1
detach
inferior 2
detach
inferior 3
detach
