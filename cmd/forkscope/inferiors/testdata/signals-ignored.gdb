# program: masks
handle SIGUSR1 nostop noprint
handle SIGWINCH stop print
continue
continue
continue
handle SIGURG stop print
continue
continue
