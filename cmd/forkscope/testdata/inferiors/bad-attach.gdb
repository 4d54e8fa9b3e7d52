# program: forever nap
attach 999999
add-inferior
inferior 2
attach 999999
inferior 1
info inferiors
