# run: --view both
# gdb, given no files, follows forks: first the kernel makes pid 1, then init and the demo call fork().
break copy_thread
continue
bt
continue
bt
break ret_from_fork
continue
info threads
thread apply all bt
delete 1
break cpu_switch_to
continue
bt
info breakpoints
