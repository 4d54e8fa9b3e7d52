# program: nested
catch fork
continue
delete 1
break bottom
set follow-fork-mode child
continue
print depth
disable
continue
