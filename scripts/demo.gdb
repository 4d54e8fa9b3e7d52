# The session of the README: one fork() of the demo, from copy_thread to the child's first instruction.
set pagination off
set width 0
set confirm off
set print frame-arguments none
set trace-commands on
break copy_thread
# The first is pid 1, the second the demo itself; the third is the demo's own fork().
ignore 1 2
continue
bt
break ret_from_fork
continue
info threads
thread apply all bt
break cpu_switch_to
continue
bt
delete
continue
