# program: lives
# pace: real
# before: set non-stop on
break meanwhile
continue
# printed: child 2
continue &
# printed: parent sleeps
interrupt
# until: Program stopped
kill
