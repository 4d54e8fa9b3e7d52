# program: world
continue
