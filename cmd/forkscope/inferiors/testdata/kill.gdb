# program: fork
catch fork
continue
kill
info inferiors
info breakpoints
kill
