# From the entry of fork() to copy_process, from cpu_switch_to through the child to user mode, and on into its next system
# call, one instruction at a time: at each the stack can be unwound to its end, and one task is on the CPU.
python
import re
wrong = re.compile("Backtrace stopped|corrupt|Cannot access|PC not saved|internal-error")
machine = next(m for m in ("aarch64", "x86-64", "i386") if m in gdb.execute("show architecture", to_string=True))
call, switched = {
    "aarch64": ("el0_svc if $x8 == 220", "$x1"),
    "x86-64": ("entry_SYSCALL_64 if $rax == 57", "$rsi"),
    "i386": ("system_call if $eax == 2", "*(unsigned long *)($esp + 8)"),
}[machine]

def run(command):
    return gdb.execute(command, to_string=True)

def kernel_mode():
    return int(gdb.parse_and_eval("(unsigned long)$pc")) >= 0xc0000000

def on_cpu():
    return [int(l[2:].split()[0]) for l in run("info threads").splitlines() if "(running" in l]

def walk(arrived, most):
    """Steps until arrived() and says after how many steps, looking at everything on the way."""
    for n in range(most):
        if kernel_mode():
            bt = run("bt -frame-arguments none")
            if wrong.search(bt) or bt.rstrip().endswith("?? ()"):
                print("at", run("info symbol $pc"), bt)
        if len(on_cpu()) != 1:
            print("on the CPU:", on_cpu(), run("info threads"))
        if arrived():
            return n
        run("stepi")
    return -1

function = lambda: gdb.selected_frame().name()
run("hbreak *(unsigned long)" + call)
run("continue") # init's fork
run("continue")
run("delete")
print("to copy_process:", 10 < walk(lambda: function() == "copy_process", 300))
run("tbreak cpu_switch_to if ((struct task_struct *)%s)->pid == 3" % switched)
run("continue")
parent = gdb.selected_thread()
print("to another task:", 5 < walk(lambda: on_cpu() != [parent.num], 300))
run("thread %d" % on_cpu()[0])
print("the other is", [i for i in gdb.selected_thread().ptid[1:] if i])
print("to ret_from_fork:", 0 <= walk(lambda: function() in ("ret_from_fork", "ret_from_fork_asm"), 600))
print("to user mode:", 10 < walk(lambda: not kernel_mode(), 300))
print("to the next system call:", 5 < walk(kernel_mode, 500))
print("still the other:", on_cpu() == [gdb.selected_thread().num])
end
