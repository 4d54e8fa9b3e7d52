# program: threadfork exec
catch exec
continue
info threads
break again
continue
bt
continue
