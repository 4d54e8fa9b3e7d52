# program: fork
break main
continue
pipe info os | grep -E '^(processes|threads|files) '
pipe info os processes | sed -n 1p
pipe info os threads | sed -n 1p
pipe info os files | sed -n 1p
