# program: world talk
break main
continue
continue
