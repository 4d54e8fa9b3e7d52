# program: values
# connect: target remote
tbreak main
continue
next
info breakpoints
rbreak values.c:^ha
continue
detach
