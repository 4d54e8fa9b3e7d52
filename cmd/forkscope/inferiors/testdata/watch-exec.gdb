# program: exec 1
break main
continue
watch filled
continue
continue
continue
