# program: threads
break work
continue
pipe info proc status | grep -E '^(Name|State|Threads):'
info proc exe
info proc cwd
thread 1
pipe info proc stat | grep -E '^(Exec file|State):'
