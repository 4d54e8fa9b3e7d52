# program: fork
hbreak twice
thbreak main
info breakpoints
continue
continue
print n
continue
