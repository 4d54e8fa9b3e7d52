# program: watch
break main
continue
awatch shared
continue
continue
continue
delete
continue
