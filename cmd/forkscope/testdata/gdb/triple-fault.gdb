# A CPU that cannot go on is shown as it was left, before the run is reported as ended. (An arm64 CPU always can.)
tbreak sys_read
continue
python
if "i386" in gdb.execute("show architecture", to_string=True):
    gdb.selected_inferior().write_memory(int(gdb.parse_and_eval("(unsigned long)&idt_table")), bytes(2048))
    gdb.execute("set $pc = 0x10")
    gdb.execute("continue")
    gdb.execute("print $cr2")
    gdb.execute("info threads")
    gdb.execute("continue")
else:
    gdb.execute("kill")
end
