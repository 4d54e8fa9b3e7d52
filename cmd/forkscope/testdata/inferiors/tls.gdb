# program: local
# machines: i386
break here
continue
print mine
print zeroed
