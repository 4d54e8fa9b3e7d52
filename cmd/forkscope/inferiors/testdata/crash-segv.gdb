# program: crash segv
set follow-fork-mode child
continue
bt
print nowhere
print $_siginfo.si_signo
print $_siginfo._sifields._sigfault.si_addr
continue
print $_exitsignal
