# program: values
break add
continue
next
watch sum
continue
continue
info watchpoints
delete
continue
