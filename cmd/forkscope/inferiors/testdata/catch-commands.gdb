# program: forkexec 1
catch fork
commands
print 1
end
catch exec
commands
print 2
end
tcatch syscall exit_group
set follow-fork-mode child
continue
continue
continue
continue
