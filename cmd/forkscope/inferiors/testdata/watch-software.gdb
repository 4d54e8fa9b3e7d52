# program: watch
break change
continue
set can-use-hw-watchpoints 0
watch other
continue
continue
