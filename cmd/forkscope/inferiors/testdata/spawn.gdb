# program: spawn
catch vfork
continue
delete
continue
