break *_start
continue
watch *(int *)&counter
break *early
continue
continue
info registers pc
continue
continue
bt 1
print *(int *)&counter
continue
