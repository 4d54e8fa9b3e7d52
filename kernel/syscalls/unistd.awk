# Makes a machine's asm/unistd.h of the list of system calls:
#	awk -v arch=i386 -f unistd.awk syscall.tbl

/^#/ { next }

!column {
	for (i = 2; i < NF && !column; i++)
		if ($i == arch)
			column = i
	if (!column) {
		print FILENAME ": no column " arch > "/dev/stderr"
		exit failed = 1
	}
	print "/* Made of " FILENAME ": numbers, and __SYSCALL(number, function) lines for core/sys_call_table.c. */"
	print "#ifndef __SYSCALL\n#define __SYSCALL(nr, sym)\n#endif\n"
	next
}

$column != "-" {
	print "#define __NR_" $1 " " $column
	if ($NF != "-")
		print "__SYSCALL(" $column ", " $NF ")"
	if ($column >= count)
		count = $column + 1
}

END {
	if (!failed)
		print "\n#define __NR_syscalls " count "\n#undef __SYSCALL"
	exit failed
}
