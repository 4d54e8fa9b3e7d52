# program: environment
# server: --multi
file @program@
set remote exec-file @program@
set environment COLOUR=blue
set args one "two words"
show args
run
unset environment COLOUR
set environment OTHER other value
set args
run
