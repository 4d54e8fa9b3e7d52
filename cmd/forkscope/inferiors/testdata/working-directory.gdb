# program: environment
# server: --multi
file @program@
set remote exec-file @program@
set cwd /tmp
start
info proc cwd
set var argc = 0
continue
