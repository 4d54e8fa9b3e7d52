# pace: real
break meanwhile
continue
# printed: child 2
continue
# interrupt: parent sleeps
print $_siginfo.si_signo
kill
