# program: leader
break alone
continue
info threads
bt 1
continue
