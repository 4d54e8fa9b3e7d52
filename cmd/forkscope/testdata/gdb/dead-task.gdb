# A task that has ended cannot be stepped: the guest does not run away.
tbreak release_task
continue
python
for t in gdb.selected_inferior().threads():
    if 3 in t.ptid[1:]:
        t.switch()
end
stepi
next
info threads
kill
