# program: threads
break main
continue
tbreak next_turn
continue
finish
next
next
next
next
info threads
