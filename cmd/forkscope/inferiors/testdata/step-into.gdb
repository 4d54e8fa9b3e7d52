# program: values
break main
continue
step
finish
step
step
step
step
backtrace 2
