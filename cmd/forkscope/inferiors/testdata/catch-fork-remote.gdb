# program: fork
# connect: target remote
catch fork
continue
continue
