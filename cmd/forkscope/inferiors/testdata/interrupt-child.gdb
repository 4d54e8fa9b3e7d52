# program: forever spin child
set detach-on-fork off
set follow-fork-mode child
continue
# interrupt: ready
info inferiors
bt
kill inferiors 2
