# program: own
set detach-on-fork off
break look
continue
print page
set var page = "mine"
print who
inferior 2
print page
set var page = "child's"
print (char *)page
inferior 1
print (char *)page
delete
detach inferiors 2
continue
