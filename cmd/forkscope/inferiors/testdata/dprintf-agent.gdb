# program: values
set dprintf-style agent
dprintf add,"adding %d and %d\n", a, b
break factorial
commands
silent
printf "factorial of %d\n", n
continue
end
info breakpoints
continue
