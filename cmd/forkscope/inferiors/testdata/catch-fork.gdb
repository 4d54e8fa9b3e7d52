# program: fork
catch fork
info breakpoints
continue
info inferiors
frame function main
print counter
continue
