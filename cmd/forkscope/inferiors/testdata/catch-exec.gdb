# program: exec 2
catch exec
continue
break last
info inferiors
continue
continue
print n
bt
continue
print $_exitcode
