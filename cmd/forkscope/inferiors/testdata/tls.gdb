# program: local
# machines: i386
# gcc for arm64 describes no thread-local variables; tls-library has one that needs no description.
break here
continue
print mine
print zeroed
