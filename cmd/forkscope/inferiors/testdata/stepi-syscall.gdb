# program: stepi
break *&the_call
continue
print $pc == &the_call
stepi
print $pc == &after_it
print $_siginfo.si_signo
finish
next
print result > 0
continue
