# program: fork
# server: --multi
file @program@
set remote exec-file @program@
start
pipe info program | tail -n 2
next
kill
starti
info inferiors
continue
