# program: values
set dprintf-style agent
dprintf add,"agent says %d\n", b
info breakpoints
continue
