# program: fork
catch fork
continue
print twice(4)
print counter
delete
break twice
continue
print counter
continue
