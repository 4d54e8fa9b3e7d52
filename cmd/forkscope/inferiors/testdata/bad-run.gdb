# program: fork
# server: --multi
run
set remote exec-file /no/such/program
run
info inferiors
