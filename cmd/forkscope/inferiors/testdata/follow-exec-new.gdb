# program: exec 1
set follow-exec-mode new
catch exec
break last
continue
info inferiors
continue
print n
continue
info inferiors
