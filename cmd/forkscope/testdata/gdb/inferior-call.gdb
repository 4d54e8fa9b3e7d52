# gdb calls functions of the kernel and of a program, and the guest goes on as if nothing had been.
tbreak copy_thread if p->tgid == 2
continue
print find_task_by_vpid(1)->comm
print strlen(p->comm)
print strlen(p->comm) + strlen(p->comm)
bt 2
add-symbol-file target:/bin/demo
tbreak child
continue
print (int)getpid()
print (int)getppid()
bt
continue
