# program: watch
break main
continue
rwatch shared
watch -l other
info watchpoints
continue
continue
delete
continue
