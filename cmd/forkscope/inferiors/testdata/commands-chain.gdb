# program: nested
break descend
commands
silent
printf "depth %d\n", depth
if depth < 2
continue
end
end
set follow-fork-mode child
continue
info breakpoints
delete
continue
