# program: fork
break twice
continue
detach
info inferiors
continue
