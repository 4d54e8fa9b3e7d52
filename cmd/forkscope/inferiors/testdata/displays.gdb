# program: values
break add
display sum
display/x total
continue
next
next
undisplay 2
info display
delete 1
next
next
undisplay
continue
