# Steps from cpu_switch_to, one instruction at a time, until the CPU has gone over to the child, and on into it.
tbreak context_switch if next->pid == 3
continue
tbreak cpu_switch_to
continue
python
import re
parent = gdb.selected_thread()

def on_cpu():
    """The number of the thread that is on the CPU."""
    for line in gdb.execute("info threads", to_string=True).splitlines():
        m = re.match(r"[* ] +(\d+) .*\(running", line)
        if m:
            return int(m.group(1))

steps = 0
while on_cpu() == parent.num and steps < 200:
    gdb.execute("stepi", to_string=True)
    steps += 1
print("the CPU switched after a step:", 1 < steps < 200)
print("still selected:", gdb.selected_thread().num == parent.num)
print("the parent is parked in", gdb.selected_frame().name())
child = on_cpu()
gdb.execute("thread %d" % child)
print("the child is", gdb.selected_thread().ptid[1] or gdb.selected_thread().ptid[2])
steps = 0
while not gdb.selected_frame().name().startswith("ret_from_fork") and steps < 1000:
    gdb.execute("stepi", to_string=True)
    steps += 1
print("stepped into", gdb.selected_frame().name())
gdb.execute("stepi")
gdb.execute("stepi")
print("the child is on the CPU:", on_cpu() == child and gdb.selected_thread().num == child)
end
info threads
