# A condition is tested in the emulator: gdb is not asked for the tasks in which it is false.
break wake_up_new_task if p->pid == 3
continue
print p->pid
info breakpoints
continue
