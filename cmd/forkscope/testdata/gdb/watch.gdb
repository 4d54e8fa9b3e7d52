# The write of 0 that makes fork() return 0 in the child, caught by a watchpoint on the child's saved return register.
tbreak copy_thread if p->mm != 0
continue
python
machine = gdb.execute("show architecture", to_string=True)
i386 = "i386" in machine and "x86-64" not in machine
register = "eax" if i386 else "ax" if "x86-64" in machine else "regs[0]"
top = int(gdb.parse_and_eval("(unsigned long)p->stack + sizeof(init_thread_union)"))
regs = top - int(gdb.parse_and_eval("sizeof(struct pt_regs)")) - (8 if i386 else 0)
gdb.execute("set $childregs = (struct pt_regs *)%#x" % regs)
# Something that no copy gives, so that each of the two writes is seen.
gdb.execute("set var $childregs->%s = 12345" % register)
gdb.execute("watch -l $childregs->" + register)
end
continue
continue
bt 1
print childregs == $childregs
