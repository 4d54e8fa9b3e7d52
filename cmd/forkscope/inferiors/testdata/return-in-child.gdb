# program: nested
set follow-fork-mode child
break bottom
continue
return 3
next
continue
