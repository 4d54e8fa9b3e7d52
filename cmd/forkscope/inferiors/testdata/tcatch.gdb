# program: forkexec 1
tcatch fork
tcatch exec
set follow-fork-mode child
info breakpoints
continue
continue
info breakpoints
continue
