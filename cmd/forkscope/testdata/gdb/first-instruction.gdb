# run: --view both
# The kernel's first instruction, and its code before paging is on; a breakpoint set now at an address that only paging
# will bring holds all the same.
print $pc == (unsigned long)&_start
info threads
break start_kernel
stepi
x/i $pc
python
machine = gdb.execute("show architecture", to_string=True)
label = "startup_64" if "x86-64" in machine else "startup_32" if "i386" in machine else "__create_page_tables"
gdb.execute("tbreak *%s" % label)
end
continue
x/2i $pc
continue
bt
