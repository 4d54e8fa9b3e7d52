python
low = "i386" in gdb.execute("show architecture", to_string=True)
gdb.execute("add-symbol-file target:/boot/vmlinux-%s -o %s" % (("i386", "0xffffffff40000000") if low else ("arm64", "0x8000000000")))
end
frame
break early
info breakpoints
continue
frame
stepi
info symbol $pc
continue
