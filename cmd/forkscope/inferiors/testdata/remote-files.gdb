# program: fork
remote get @program@ copy
remote get /no/such/file copy
shell cmp copy @program@ && echo the same
break main
continue
