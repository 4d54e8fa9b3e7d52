# program: hundred
catch fork
commands
silent
print number
continue
end
continue
