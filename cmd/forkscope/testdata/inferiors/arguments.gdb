# program: fork
# server: --multi
file @program@
set remote exec-file @program@
start
info program
next
kill
starti
info inferiors
continue
