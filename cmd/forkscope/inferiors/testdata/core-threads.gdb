# program: threads
break work
continue
generate-core-file core
kill
core-file core
info threads
bt
thread 1
bt -1
