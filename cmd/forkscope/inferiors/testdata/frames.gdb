# program: nested
set follow-fork-mode child
break bottom
continue
frame
frame 2
up
down
frame level 4
frame apply 3 print depth
frame apply all -q print depth
faas print status
select-frame 1
frame
