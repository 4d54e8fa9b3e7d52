# A program debugged from the kernel's side: breakpoints at its addresses hold in it and not in init, which has the same
# addresses; watchpoints see each kind of write, in parent and child; steps go over system calls.
add-symbol-file target:/bin/user-program
monitor user-breaks
break main
continue
bt
info threads
tbreak local
continue
watch x
continue
continue
continue
continue
watch buffer[13]
watch global.b
continue
continue
next
next
continue
info watchpoints
delete
continue
