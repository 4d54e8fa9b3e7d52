# program: forever nap
continue
# interrupt: ready
print $_siginfo.si_signo
set var done = 1
signal SIGALRM
