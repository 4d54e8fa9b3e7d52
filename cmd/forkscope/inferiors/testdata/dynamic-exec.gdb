# program: exec 1
# dynamic: yes
break last
continue
bt
info sharedlibrary
next
continue
