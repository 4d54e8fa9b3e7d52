# program: fork
break main
continue
info proc
info proc cmdline
info proc exe
pipe info proc mappings | grep -oE '(/fork|\[heap\]|\[stack\])$' | sort -u
