# program: threads
break work if $_thread == 3
continue
print n
info threads
condition 1 n == 3
continue
print n
continue
