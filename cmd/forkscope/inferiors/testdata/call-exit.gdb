# program: values
break add
continue
call (void)exit(3)
info inferiors
print $_exitcode
