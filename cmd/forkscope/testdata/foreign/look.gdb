bt
info threads
info inferiors
stepi
info registers pc
python
try:
    gdb.execute("info proc")
except gdb.error as e:
    print(e)
end
detach
