# program: values
set $n = 0
while $n < 60
break add if b == $n
set $n = $n + 1
end
continue
continue
continue
delete
break loop
break factorial
break half
continue
disable 62
enable once 63
info breakpoints
continue
continue
