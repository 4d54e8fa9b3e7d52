# next over a call in which the task sleeps comes back in the same task, behind the call.
tbreak wait_for_vfork_done
continue
python
here = gdb.selected_thread().ptid
for i in range(12):
    gdb.execute("next", to_string=True)
    if gdb.selected_frame().name() != "wait_for_vfork_done":
        break
print("same task:", gdb.selected_thread().ptid == here)
print("came back to", gdb.selected_frame().name())
end
info threads
continue
