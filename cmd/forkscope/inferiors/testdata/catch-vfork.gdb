# program: vfork
catch vfork
continue
frame function main
continue
