# program: forever nap
attach 999999
