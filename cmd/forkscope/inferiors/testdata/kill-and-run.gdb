# program: fork
break twice
continue
print n
set remote exec-file @program@
kill
info inferiors
run
print n
continue
