# program: own
set detach-on-fork off
break look
continue
thread apply all print page[0]
thread apply 1.1 print who
thread apply all -q -s frame 0
thread find own
thread 1.1
print $_inferior
thread 2.1
print $_inferior
