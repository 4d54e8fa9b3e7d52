# program: fork
python
def stopped(e):
    print("stopped:", type(e).__name__, e.inferior_thread.num if e.inferior_thread else None)
def exited(e):
    print("exited:", e.inferior.num, e.exit_code if hasattr(e, "exit_code") else None)
gdb.events.stop.connect(stopped)
gdb.events.exited.connect(exited)
gdb.events.new_inferior.connect(lambda e: print("inferior", e.inferior.num))
end
set detach-on-fork off
break twice
break parent
continue
inferior 2
continue
inferior 2
python print([t.ptid[0] > 0 for t in gdb.selected_inferior().threads()], gdb.selected_frame().name())
python print(len(gdb.selected_inferior().read_memory(gdb.parse_and_eval("&counter"), 4)))
continue
