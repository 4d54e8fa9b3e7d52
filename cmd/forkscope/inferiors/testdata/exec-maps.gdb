# program: exec 1
break execl
continue
print *filled
print filled != 0
set $there = filled
delete
catch exec
continue
print *$there
print filled
break last
continue
print filled
continue
