# program: fork
break parent
continue
info os
pipe info os processes | head -n 1
pipe info os threads | head -n 1
pipe info os files | head -n 1
pipe info os processes | grep -c fork
