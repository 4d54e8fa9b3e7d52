# program: values
break add
continue
watch sum
continue
continue
info watchpoints
delete
continue
