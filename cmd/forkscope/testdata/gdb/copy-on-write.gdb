# After copy on write the same user address holds different values in parent and child.
tbreak do_exit
continue
add-symbol-file target:/bin/copy-on-write
print &value
print value
python
for t in gdb.selected_inferior().threads():
    if 2 in t.ptid[1:]:
        t.switch()
end
thread
print &value
print value
continue
