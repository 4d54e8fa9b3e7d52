# program: crash abort
set follow-fork-mode child
continue
print $_siginfo.si_signo
print $_siginfo.si_code
continue
