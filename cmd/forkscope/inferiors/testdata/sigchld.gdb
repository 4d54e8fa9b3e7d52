# program: chld
handle SIGCHLD stop print
break told
continue
print $_siginfo.si_code
print $_siginfo._sifields._sigchld.si_status
continue
print last_code
print last_status
delete
handle SIGCHLD nostop noprint
continue
