# program: fork
set remote exec-file @program@
catch fork
continue
delete
continue
print $_exitcode
break parent
run
info inferiors
continue
