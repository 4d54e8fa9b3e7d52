# program: forkexec 1
# before: set non-stop on
catch fork
catch exec
set follow-fork-mode child
continue
info threads
continue
info inferiors
continue
