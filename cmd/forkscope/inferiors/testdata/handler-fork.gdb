# program: handlerfork
catch fork
handle SIGUSR1 nostop noprint
continue
frame function handler
continue
