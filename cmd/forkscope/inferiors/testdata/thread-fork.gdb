# program: threadfork fork
catch fork
continue
info threads
continue
