# program: fork an-argument-to-find-it-by
break main
continue
pipe info os | grep -E '^(processes|threads|files) '
pipe info os processes | head -n 1
pipe info os threads | head -n 1
pipe info os files | head -n 1
pipe info os processes | grep -c an-argument-to-find-it-by
