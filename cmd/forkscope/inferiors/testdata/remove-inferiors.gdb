# program: fork
set detach-on-fork off
break parent
continue
remove-inferiors 2
inferior 2
kill inferiors 2
remove-inferiors 2
inferior 1
remove-inferiors 2
info inferiors
detach
remove-inferiors 1
add-inferior
clone-inferior
info inferiors
