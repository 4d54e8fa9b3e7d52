# program: exec 1
set follow-exec-mode new
catch exec
continue
info inferiors
break last
continue
print n
continue
info inferiors
