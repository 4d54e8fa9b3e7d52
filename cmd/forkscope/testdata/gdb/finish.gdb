# finish runs to where copy_thread returns and shows what it returned.
tbreak copy_thread if p->mm != 0
continue
finish
print $
