package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"forkscope/machine/cpu/arch"
)

// tableRow is what is typed for a row of README's tables, whose first cell is cell, and what is seen of it, in this order. Every command of the cell is
// among what is typed.
type tableRow struct {
	cell     string
	args     string // of the program of testdata/readme, in the table about processes
	typed    []string
	seen     []string
	replaced map[string]map[string]string // by machine, words of the commands
	dynamic  bool                         // the program is linked to libraries, which gdb takes longer to read
}

// The demo's own fork is the third one.
var atTheFork = []string{"break copy_thread", "ignore 1 2", "continue", "delete"}

func after(first []string, commands ...string) []string {
	return append(append([]string{}, first...), commands...)
}

// kernelRows is the first table. It begins at the kernel's first instruction.
var kernelRows = []tableRow{
	{cell: "`info threads`, `thread apply all bt`",
		typed: after(atTheFork, "break ret_from_fork", "continue", "info threads", "thread apply all bt"),
		seen: []string{`"swapper" \(runnable, kernel thread\) +.*(cpu_switch_to|context_switch) \(.*\) at`, `"init" \(sleeping, child of 0\) +.*(cpu_switch_to|context_switch)`,
			`"demo" \(sleeping, child of 1\) +.*(cpu_switch_to|context_switch)`,
			`\* 4 .*"demo" \(running, child of 2\) +ret_from_fork`, `pipe_read \(`, `sys_wait4 \(`}},
	{cell: "`break wake_up_new_task if p->pid == 3`",
		typed: []string{"break wake_up_new_task if p->pid == 3", "continue", "print p->pid"}, seen: []string{`hit Breakpoint 1, wake_up_new_task`, `= 3\n`}},
	{cell: "`stepi`, `next`, `finish`",
		typed: after(atTheFork, "stepi", "next", "finish", "tbreak cpu_switch_to", "continue", "stepi 100", "info threads"),
		seen:  []string{`Run till exit from #0 .*copy_thread \(`, `copy_process \(`, `Temporary breakpoint \d+, (cpu_switch_to|__switch_to_asm)`, `cpu_switch_to|context_switch`}},
	{cell: "`watch -l childregs->regs[0]` (i386: `childregs->eax`, x86_64: `childregs->ax`)",
		replaced: map[string]map[string]string{"i386": {"childregs->regs[0]": "childregs->eax"}, "x86_64": {"childregs->regs[0]": "childregs->ax"}},
		typed:    after(atTheFork, "tbreak @childregs@", "continue", "set var childregs->regs[0] = 12345", "watch -l childregs->regs[0]", "continue"),
		seen:     []string{`Hardware watchpoint \d+: -location childregs->`, `Old value = 12345\n`, `New value = 0\n`}},
	{cell: "`print value` in `thread 3`, then in `thread 4`",
		typed: after(atTheFork, "add-symbol-file target:/bin/demo", "break pipe_write", "continue", "thread 3", "print value", "thread 4", "print value"),
		seen:  []string{`"demo"`, `\$1 = 1\n`, `\$2 = 2\n`}},
	{cell: "`add-symbol-file target:/bin/demo`, `break main`",
		typed: []string{"add-symbol-file target:/bin/demo", "break main", "continue"}, seen: []string{`"demo" hit Breakpoint 1, main \(\) at guests/src/demo.c:`}},
	{cell: "`print/x init_task.tasks`, `compare-sections`, `call find_task_by_vpid(2)`",
		typed: after(atTheFork, "print/x init_task.tasks", "compare-sections", "call find_task_by_vpid(2)", "print $->pid"),
		seen:  []string{`\$1 = \{next = 0x`, `Section \.text, range .*: matched\.`, `\$2 = \(struct task_struct \*\) 0x`, `\$3 = 2\n`}},
	{cell: "a guest panic or triple fault",
		typed: after(atTheFork, "set $pc = 0", "continue", "bt", "continue"),
		seen:  []string{`The kernel panics\.`, `SIGABRT`, `#0 +panic \(`, `exited with code 0206`}},
	{cell: "`break *_start`",
		typed: []string{"print $pc == &_start", "break *_start", "break start_kernel", "continue"}, seen: []string{`Breakpoint 1 at `, `Breakpoint 2, start_kernel \(\)`}},
	{cell: "`monitor help`", typed: []string{"monitor help"}, seen: []string{`(?s)tasks.*step`}},
	{cell: "Ctrl-C, `detach`, `kill`, a gdb that dies", typed: []string{"break start_kernel", "continue", "detach", "kill"}, seen: []string{`detached`, `The program is not being run`}},
}

var atMain = []string{"break main", "continue", "delete"}

// processRows is the second table. It begins at the program's first instruction.
var processRows = []tableRow{
	{cell: "`catch fork`, `vfork`, `exec`, `syscall write`, `signal SIGCHLD`", args: "vfork",
		typed: after(atMain, "catch fork", "continue", "catch signal SIGCHLD", "continue", "catch vfork", "continue", "delete", "catch syscall write", "continue", "catch exec"),
		seen:  []string{`\(forked process 3\)`, `\(signal SIGCHLD\)`, `\(vforked process 4\)`, `\(call to syscall write\)`, `Catchpoint \d+ \(exec\)`}},
	{cell: "`set follow-fork-mode child`, `set detach-on-fork off`, `set schedule-multiple on`, `set follow-exec-mode new`", args: "exec",
		typed: after(atMain, "set follow-fork-mode child", "set detach-on-fork off", "set schedule-multiple on", "set follow-exec-mode new", "catch exec", "continue", "info inferiors"),
		seen:  []string{`process 3 is executing new program`, `Catchpoint \d+ \(exec'd `, `process 2 `, `process 3 `}},
	{cell: "`attach 3`, `detach inferiors 2`, `kill inferiors 2`, `run`", args: "wait",
		typed: after(atMain, "set detach-on-fork off", "break f", "continue", "detach inferiors 2", "inferior 2", "attach 3", "info inferiors", "kill inferiors 2", "info inferiors", "inferior 1", "kill", "run"),
		seen:  []string{`f \(n=1\)`, `\[Inferior 2 \(process 3\) detached\]`, `\* 2 +process 3`, `\* 2 +<null>`, `\[Inferior 1 \(process 2\) killed\]`, `f \(n=1\)`}},
	{cell: "`break`, `watch`, `tbreak … if`",
		typed: after(atMain, "break f", "continue", "watch counter", "continue", "delete", "tbreak f if n == 2", "continue"),
		seen:  []string{`Breakpoint \d+, f \(n=1\)`, `Hardware watchpoint \d+: counter`, `Old value = 0\nNew value = 1\n`, `Temporary breakpoint \d+, f \(n=2\)`}},
	{cell: "`stepi` over a system call, `next` over `fork`, `finish`, `until`, `call f(1)`, `return`, `jump`",
		typed: after(atMain, "tbreak @fork@", "continue", "next", "print pid", "tbreak f", "continue", "finish", "call f(1)", "catch syscall waitpid", "catch syscall wait4", "continue", "stepi", "delete",
			"tbreak f", "continue", "until", "return", "jump @printf@"),
		seen: []string{`= 3\n`, `Run till exit from #0 +f \(n=1\)`, `Value returned is \$\d+ = 1\n`, `= 2\n`, `\(call to syscall wait`, `exited normally`, `counter \d+\n`}},
	{cell: "`handle SIGUSR1 nostop`, `signal 0`, `print $_siginfo`", args: "signal",
		typed: after(atMain, "continue", "print $_siginfo.si_signo", "signal 0", "set args signal", "handle SIGUSR1 nostop", "run"),
		seen:  []string{`received signal SIGUSR1`, `= 10\n`, `SIGUSR1\s+No\s+`, `counter 4\n`, `counter 101\d\n`}},
	{cell: "`info proc mappings`, `info auxv`, `info os processes`, `generate-core-file`, `info sharedlibrary`", dynamic: true,
		typed: after(atMain, "info proc mappings", "info auxv", "info os processes", "generate-core-file @core@", "info sharedlibrary"),
		seen:  []string{`/table\n`, `AT_ENTRY`, `\n2 +root +.*table`, `Saved corefile `, `target:/lib/.*libc\.so\.6`}},
	{cell: "`set scheduler-locking on`, `set non-stop on`", args: "threads",
		typed: []string{"break f", "continue", "info threads", "set scheduler-locking on", "next", "next", "info threads", "set non-stop on"},
		seen:  []string{`f \(n=1\)`, `2 +Thread 2\.`, `2 +Thread 2\.`, `Cannot change this setting while the inferior is running`}},
}

// bothRow is the row for both views at once.
var bothRow = tableRow{cell: "`break copy_thread` in the kernel's inferior",
	typed: []string{"break copy_thread", "ignore 1 1", "continue", "delete", "add-inferior", "tbreak do_wait", "continue", "inferior 2", "attach 2", "inferior 1", "break copy_thread", "set schedule-multiple on", "continue", "bt"},
	seen:  []string{`copy_thread \(`, `Breakpoint \d+, copy_thread \(`, `copy_process \(`}}

// cellsOf are the first cells of README's tables of what can be typed.
func cellsOf(t *testing.T) []string {
	t.Helper()
	_, text, _ := strings.Cut(string(mustRead(t, readme)), "## What gdb can do here")
	text, _, _ = strings.Cut(text, "\n## ")
	var cells []string
	for _, line := range strings.Split(text, "\n") {
		if cell, ok := strings.CutPrefix(line, "| "); ok && !strings.HasPrefix(cell, "you type") {
			cell, _, _ = strings.Cut(cell, " |")
			cells = append(cells, cell)
		}
	}
	return cells
}

var quotedWords = regexp.MustCompile("`([^`]*)`")

// Every row of README's tables holds, on both machines, as it is typed.
func TestREADMETables(t *testing.T) {
	known := make(map[string]bool)
	for _, row := range append(append([]tableRow{bothRow}, kernelRows...), processRows...) {
		known[row.cell] = true
		all := strings.Join(row.typed, "\n")
		for _, m := range quotedWords.FindAllStringSubmatch(row.cell, -1) {
			for _, part := range strings.Split(m[1], "…") {
				if !strings.Contains(all, strings.TrimSpace(part)) && row.replaced == nil {
					t.Errorf("%s: %q is not typed", row.cell, part)
				}
			}
		}
	}
	cells := cellsOf(t)
	for _, cell := range cells {
		if !known[cell] {
			t.Errorf("README's row %s is not tested", cell)
		}
	}
	if len(cells) != len(known) {
		t.Errorf("README has %d rows, and %d are tested", len(cells), len(known))
	}
	for _, arch := range arch.Names() {
		program := tableProgram(t, arch, "-static")
		dynamic := tableProgram(t, arch, "-pie")
		for _, row := range kernelRows {
			t.Run(arch+"/"+row.cell, func(t *testing.T) { row.play(t, arch, "--arch", arch) })
		}
		for _, row := range processRows {
			file := program
			if row.dynamic {
				file = dynamic
			}
			t.Run(arch+"/"+row.cell, func(t *testing.T) {
				row.play(t, arch, append([]string{"--view", "process", file}, strings.Fields(row.args)...)...)
			})
		}
		t.Run(arch+"/"+bothRow.cell, func(t *testing.T) { bothRow.play(t, arch, program) })
	}
}

// tableProgram builds the program of the rows about processes.
func tableProgram(t *testing.T, arch, link string) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "table")
	cmd := exec.Command(need(t, crossCompiler[arch]), "-g", "-O0", "-pthread", link, "-o", program, "table.c")
	cmd.Dir = "testdata/readme"
	if b, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, b)
	}
	return program
}

// play types the row at a gdb that is connected to forkscope run with some arguments. What the guest prints counts as seen after all else.
func (row tableRow) play(t *testing.T, arch string, args ...string) {
	t.Parallel()
	top := repository(t)
	var words []string
	for from, to := range row.replaced[arch] {
		words = append(words, from, to)
	}
	process, kernel := filepath.Join(top, "cmd/forkscope/testdata/readme/table.c"), filepath.Join("kernel/arch", arch, "process.c")
	at := func(file, text string) string {
		base := filepath.Base(file)
		if file == kernel {
			base = file
			file = filepath.Join(top, kernel)
		}
		return base + ":" + strconv.Itoa(lineOf(t, file, text))
	}
	words = append(words, "@core@", filepath.Join(t.TempDir(), "core"))
	if strings.Contains(strings.Join(row.typed, "\n"), "@childregs@") {
		words = append(words, "@childregs@", at(kernel, map[string]string{"i386": "childregs->eax = 0", "arm64": "childregs->regs[0] = 0", "x86_64": "childregs->ax = 0"}[arch]))
	}
	words = append(words, "@fork@", at(process, "pid = fork()"), "@printf@", at(process, `printf("counter`))
	typed := strings.NewReplacer(words...).Replace(strings.Join(row.typed, "\n")) + "\n"
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	e := startEmulator(t, args...)
	cmd := exec.CommandContext(ctx, need(t, "gdb-multiarch"), "-nx", "-q", "-ex", "set width 0", "-ex", "set height 0", "-ex", "set confirm off", "-ex", "set style enabled off",
		"-ex", "set remotetimeout 60", "-ex", "target extended-remote "+e.socket)
	cmd.Dir = top
	cmd.Stdin = strings.NewReader(typed)
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	out, err := cmd.CombinedOutput()
	e.cmd.Process.Kill()
	<-e.done
	text := strings.ReplaceAll(string(out)+e.out.String(), "\r", "")
	if err != nil {
		t.Errorf("gdb: %v", err)
	}
	rest := text
	for _, want := range row.seen {
		m := regexp.MustCompile(want).FindStringIndex(rest)
		if m == nil {
			t.Fatalf("%q is not seen, after the others, in:\n%s", want, text)
		}
		rest = rest[m[1]:]
	}
}
