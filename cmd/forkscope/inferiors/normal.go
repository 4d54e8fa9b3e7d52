package inferiors

import (
	"fmt"
	"regexp"
	"strings"
)

var (
	// gdb says which files it reads; which there are is the file system's affair.
	readsFile = regexp.MustCompile(`(?m)^(Reading .* from remote target\.\.\.|warning: File transfers from remote targets can be slow\..*)\n`)
	// The port is another every time, and the columns are as wide as what is in them.
	remotePort = regexp.MustCompile(`((?:remote |using )(?:localhost)?:|on port |, port )\d+`)
	// On some hosts gdbserver can't write all registers of an i386 program.
	registerSets = regexp.MustCompile(`(?m)^Warning: ptrace\(regsets_.*\n`)
	// What a server says about a failure in its own words, or those of the shell by which gdbserver starts programs.
	ownWords  = regexp.MustCompile(`(?m)^(/bin/\w+|gdbserver|forkscope): .*\n`)
	wideSpace = regexp.MustCompile(`[ \t]{2,}`)
	endSpace  = regexp.MustCompile(`(?m)[ \t\r]+$`)
	// Process and thread numbers become P1, P2… in the order in which they appear.
	processID = regexp.MustCompile(`\b((?:[Pp]rocess |LWP |pid ?= ?|pid |process\(es\): ))(\d+)\b`)
	threadID  = regexp.MustCompile(`\bThread (\d+)\.(\d+)\b`)
	begins    = regexp.MustCompile(`\nStarting program: |\nProcess \S+ created; |\[the server printed\]`)
	anyID     = regexp.MustCompile(begins.String() + "|" + processID.String() + "|" + threadID.String())
	// gdb's own numbers, inferior and thread, look alike but stay.
	ownThreadID = regexp.MustCompile(`(?m)^Thread (\d+\.\d+ (?:\(|"[^"]*" (?:hit|received|stopped)|has target name))`)
	// An address is said before a function only if the line began earlier, which depends on the machine's instructions.
	address    = regexp.MustCompile(`0x[0-9a-f]{5,}`)
	inFunction = regexp.MustCompile(`\bADDR in `)
	// A function of the C library, or of the kernel's vdso, has no line numbers; how many there are below a call is the
	// library's affair.
	frameNumber  = regexp.MustCompile(`(?m)^#\d+ +`)
	libraryFrame = regexp.MustCompile(`(?m)^((?:#  |.*\), |[ *].* (?:"[^"]*"|\(LWP \w+\)) |Run till exit from #0 )?)(?:[A-Za-z_][\w.@]*|\?\?) \(\)(?: from \S+)?$`)
	libraryRun   = regexp.MustCompile(`(?m)^(#  LIBRARY\n)+`)
	callerOf     = regexp.MustCompile(`(exit from function )\w+`)
	// The numbers of system calls, and the names in a group of them, are the machine's.
	syscallNumber = regexp.MustCompile(`(') \[\d+\]`)
	syscallGroup  = regexp.MustCompile(`(\(gdb\) catch syscall group:\w+\nCatchpoint \d+ )\(syscalls .*\)`)
	// Linux for x86-64 has a page at the end of the address space that a debugger is shown and cannot read.
	vsyscallPage = regexp.MustCompile(`warning: Memory read failed for corefile section, 4096 bytes at 0xffffffffff600000\.\n`)
	// gdb's own trouble with its cache of files, on every server.
	fileCache = regexp.MustCompile(`warning: cannot close "target:[^"]*": Cannot execute this command while the target is running\.\nUse the "interrupt" command to stop the target\nand then try again\.\n`)
	// The C library of a dynamic program is named by the machine.
	muslLoader = regexp.MustCompile(`ld-musl-\w+\.so`)
	blankLines = regexp.MustCompile(`\n{2,}`)
)

// normalize hides from gdb's text what differs between two runs, or two machines, without a difference in what
// happened.
func normalize(text, dir string) string {
	text = strings.ReplaceAll(text, prompt, "\n")
	text = readsFile.ReplaceAllString(text, "")
	text = ownWords.ReplaceAllString(text, "")
	text = registerSets.ReplaceAllString(text, "")
	text = fileCache.ReplaceAllString(text, "")
	text = vsyscallPage.ReplaceAllString(text, "")
	text = strings.ReplaceAll(text, dir, "DIR")
	text = remotePort.ReplaceAllString(text, "${1}PORT")
	text = wideSpace.ReplaceAllString(text, " ")
	text = endSpace.ReplaceAllString(text, "")

	text = muslLoader.ReplaceAllString(text, "ld-musl.so")
	text = ownThreadID.ReplaceAllString(text, "thread $1")
	text = syscallNumber.ReplaceAllString(text, "$1")
	text = syscallGroup.ReplaceAllString(text, "$1(syscalls of the group)")

	// What is run again has other numbers, on a machine that began anew the same.
	ids := map[string]string{}
	id := func(n string) string {
		if ids[n] == "" {
			ids[n] = fmt.Sprintf("P%d", len(ids)+1)
		}
		return ids[n]
	}
	text = anyID.ReplaceAllStringFunc(text, func(m string) string {
		if begins.MatchString(m) {
			clear(ids)
			return m
		}
		if s := processID.FindStringSubmatch(m); s != nil {
			return s[1] + id(s[2])
		}
		s := threadID.FindStringSubmatch(m)
		return "Thread " + id(s[1]) + "." + id(s[2])
	})
	text = address.ReplaceAllString(text, "ADDR")
	text = inFunction.ReplaceAllString(text, "")
	text = frameNumber.ReplaceAllString(text, "#  ")
	text = callerOf.ReplaceAllString(text, "${1}LIBRARY")
	text = libraryFrame.ReplaceAllString(text, "${1}LIBRARY")
	text = libraryRun.ReplaceAllString(text, "#  LIBRARY\n")
	return blankLines.ReplaceAllString(text, "\n")
}
