# program: threads
tbreak work
continue
break next_turn thread 3
continue
print work_done
delete
break all_done
continue
bt
print turn
continue
