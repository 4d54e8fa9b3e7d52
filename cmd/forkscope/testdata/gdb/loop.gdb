# next over lines that loop for long, and one that another thread must run to end.
add-symbol-file target:/bin/loop
tbreak main
continue
python
here = gdb.selected_thread().ptid
lines = []
for i in range(20):
    line = gdb.execute("next", to_string=True)
    text = gdb.execute("list %d,%d" % ((gdb.selected_frame().find_sal().line,) * 2), to_string=True)
    if gdb.selected_frame().name() != "main" or "pthread_join" in text:
        break
print("at", text.split()[1])
print("in the same thread:", gdb.selected_thread().ptid == here)
end
print sum
print flag
continue
