# program: signals
continue
print $_siginfo.si_signo
print $_siginfo.si_code
continue
print $_siginfo.si_signo
print $_siginfo.si_code
print $_siginfo._sifields._rt.si_sigval.sival_int
set var $_siginfo._sifields._rt.si_sigval.sival_int = 4321
print $_siginfo._sifields._rt.si_sigval.sival_int
continue
break step
continue
print value
continue
