# program: world complain
break complain
continue
finish
continue
