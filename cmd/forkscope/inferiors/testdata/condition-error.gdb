# program: values
break add if $no_such_variable == 1
continue
condition 1 no_such_symbol
condition 1 calls == 3
continue
print calls
break factorial if n == 3 || n == 1
continue
continue
info breakpoints
continue
