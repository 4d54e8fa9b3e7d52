# run: --view both
# The kernel and a program side by side: each has its own breakpoints, stops and steps.
# Only an extended connection can attach.
python
connection = gdb.selected_inferior().connection.details
gdb.execute("disconnect")
gdb.execute("target extended-remote " + connection)
end
break copy_thread
continue
continue
continue
delete
add-inferior
inferior 2
attach 2
tbreak round_trip
continue
# The kernel goes on, and with it the rest of the guest; the program stays.
inferior 1
break sys_getppid
continue
continue
inferior 2
print rounds
delete
# Both go on; the fork stops in the kernel, and the program is in the middle of its system call.
break copy_thread
set schedule-multiple on
continue
info inferiors
inferior 2
backtrace 3
print rounds
stepi
delete
catch fork
continue
print rounds
delete
info threads
monitor tasks
detach inferiors 2
inferior 1
info inferiors
continue
