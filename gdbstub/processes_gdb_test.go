package gdbstub

import (
	"slices"
	"strings"
	"testing"
)

// forking is a program: fork, in the child exit 7; in the parent a system call, a signal, a vfork whose child executes
// another program that exits with 9, and exit 5.
func forking() *fakeSystem {
	f := newFakeSystem()
	f.ops[at(2)] = fakeOp{what: "fork", child: at(0x40)}
	f.ops[at(4)] = fakeOp{what: "syscall", n: 172}
	f.ops[at(6)] = fakeOp{what: "signal", n: 30}
	f.ops[at(8)] = fakeOp{what: "vfork", child: at(0x60)}
	f.ops[at(9)] = fakeOp{what: "done"}
	f.ops[at(12)] = fakeOp{what: "exit", n: 5}
	f.ops[at(0x44)] = fakeOp{what: "exit", n: 7}
	f.ops[at(0x62)] = fakeOp{what: "exec", child: at(0x80)}
	f.ops[at(0x84)] = fakeOp{what: "exit", n: 9}
	return f
}

func runProcesses(t *testing.T, f *fakeSystem, script string) string {
	t.Helper()
	return runGDBAs(t, "extended-remote", f.target(), script)
}

func TestGDBCatchesEvents(t *testing.T) {
	f := forking()
	out := runProcesses(t, f, `
catch fork
catch vfork
catch syscall 172
continue
continue
continue
continue
print $_siginfo.si_signo
continue
continue
print $_exitcode
info inferiors
`)
	expectInOrder(t, out,
		`Catchpoint 1 \(forked process 17\)`,
		`Catchpoint 3 \(call to syscall getpid\)`,
		`Catchpoint 3 \(returned from syscall getpid\)`,
		`received signal SIGUSR1`, `= 30$`,
		`Catchpoint 2 \(vforked process 18\)`,
		`\[Inferior 1 \(process 16\) exited with code 05\]`, `= 5$`, `<null>`)
	log := strings.Join(f.log, "\n")
	for _, want := range []string{"detach 11", "detach 12", "catch 10 false [172]", "signal 30 to p10.110"} {
		if !strings.Contains(log, want) {
			t.Errorf("the target did not hear %q:\n%s", want, log)
		}
	}
	if len(f.bps) != 0 {
		t.Errorf("%d breakpoints left", len(f.bps))
	}
}

func TestGDBKeepsBothSides(t *testing.T) {
	out := runProcesses(t, forking(), `
set detach-on-fork off
set schedule-multiple on
handle SIGUSR1 nostop noprint pass
break *0x40001108
break *0x40001014
catch fork
continue
info inferiors
continue
continue
info inferiors
delete
set schedule-multiple off
inferior 2
continue
info inferiors
kill inferiors 1
info inferiors
`)
	expectInOrder(t, out,
		`Catchpoint 3 \(forked process 17\)`, `\* 1 +process 16`, // gdb makes inferior 2 at the next resume
		`New inferior 2 \(process 17\)`, `hit Breakpoint 2`, `hit Breakpoint 1`,
		`1 +process 16`, `2 +process 17`,
		`\[Inferior 2 \(process 17\) exited with code 07\]`, `1 +process 16`, `2 +<null>`,
		`1 +<null>`)
}

func TestGDBFollowsTheChild(t *testing.T) {
	f := forking()
	out := runProcesses(t, f, `
set follow-fork-mode child
break *0x40001108
continue
info inferiors
continue
print $_exitcode
`)
	expectInOrder(t, out, `Detaching after fork from parent process 16`, `hit Breakpoint 1`, `\* 2 +process 17`,
		`\[Inferior 2 \(process 17\) exited with code 07\]`, `= 7$`)
	if log := strings.Join(f.log, "\n"); !strings.Contains(log, "detach 10") {
		t.Errorf("the parent was not let go:\n%s", log)
	}
}

func TestGDBFollowsExec(t *testing.T) {
	f := forking()
	f.ops[at(2)] = fakeOp{what: "exec", child: at(0x80)}
	out := runProcesses(t, f, "catch exec\ncontinue\ninfo inferiors\ncontinue\n")
	expectInOrder(t, out, `Catchpoint 1 \(exec'd /bin/second\)`, `\* 1 +process 16`, `exited with code 011`)
}

func TestGDBAttachesAndRuns(t *testing.T) {
	f := forking()
	f.spawn("/bin/other")
	out := runProcesses(t, f, `
python
gdb.execute("add-inferior")
gdb.execute("inferior 2")
for c in ("attach 999", "attach 16"):
    try: gdb.execute(c)
    except gdb.error as e: print("REFUSED", e)
end
info inferiors
kill inferiors 1
attach 17
info inferiors
detach
inferior 1
set args one 'two three'
set environment A=b
set cwd /tmp
set remote exec-file /bin/first
starti
info inferiors
info os
info os processes
find 0x40000000, +0x1000, 'f', 'i', 'r', 's', 't'
info auxv
detach
`)
	expectInOrder(t, out, `REFUSED Attaching to process 999 failed`, `REFUSED Attaching to process 16 failed`,
		`1 +process 16`, `1 +<null>`, `2 +process 17`, `\[Inferior 2 \(process 17\) detached\]`,
		`1 +process 18`, `processes +all of them`, `17 +/bin/other <&>`, `0x40000005`, `1 pattern found`, `AT_UID .* 18`, `detached`)
	if log := strings.Join(f.log, "\n"); !strings.Contains(log, `run "/bin/first" ["one" "two three"] env ["A=b"`) || !strings.Contains(log, `dir "/tmp"`) {
		t.Errorf("the target heard:\n%s", log)
	}
}

func TestGDBSeesThreads(t *testing.T) {
	f := newFakeSystem()
	f.ops[at(2)] = fakeOp{what: "clone", child: at(0x40)}
	f.ops[at(8)] = fakeOp{what: "back", child: at(7)}
	f.ops[at(0x43)] = fakeOp{what: "end", n: 3}
	f.ops[at(0x42)] = fakeOp{what: "syscall", n: 1}
	out := runProcesses(t, f, `
catch syscall 1
continue
info threads
thread apply all print $pc
set scheduler-locking on
stepi
kill
`)
	expectInOrder(t, out, `call to syscall .*1`, `1 +Thread 16.272`, `\* 2 +Thread 16.4368`, `Thread 2 \(Thread 16.4368`, `= .*0x40001108`, `Thread 1`, `killed`)
}

func TestGDBNonStop(t *testing.T) {
	f := newFakeSystem()
	f.ops[at(2)] = fakeOp{what: "clone", child: at(0x40)}
	f.ops[at(8)] = fakeOp{what: "back", child: at(7)}
	f.ops[at(0x48)] = fakeOp{what: "back", child: at(0x47)}
	converse(t, f.target(),
		"set non-stop on", "",
		"target extended-remote ADDR", `0x0*40001000`,
		"break *0x40001110", `Breakpoint 1`,
		"continue &", `Thread 2 .* hit Breakpoint 1`,
		"info threads", `1 +Thread 16.272 .*\(running\)[^$]*2 +Thread 16.4368 .*0x0*40001110`,
		"thread 2", `Switching to thread 2`,
		"stepi", `0x0*40001114`,
		"interrupt -a", `Thread 1 .* stopped`,
		"info threads", `1 +Thread 16.272 .*0x0*400010[^$]*2 +Thread 16.4368 .*0x0*40001114`,
		"thread 1", `Switching to thread 1`,
		"continue &", `Continuing`,
		"info threads", `\* 1 +Thread 16.272 .*\(running\)[^$]*2 +Thread 16.4368 .*0x0*40001114`,
		"kill", `Inferior 1 \(process 16\) killed`,
	)
	if n := len(f.Debugged()); n != 0 {
		t.Errorf("%d processes left", n)
	}
}

func TestGDBSeesKernelAndProcesses(t *testing.T) {
	f := forking().withKernel()
	f.procs[procPID].debugged = false // gdb reads one description when it connects
	f.kernelDesc.Features = slices.Clone(f.kernelDesc.Features)
	target := f.target()
	target.Description = f.kernelDesc
	out := runGDBAs(t, "extended-remote", target, `
info inferiors
add-inferior
inferior 2
attach 16
info inferiors
info threads
inferior 1
python
try: gdb.execute("kill")
except gdb.error as e: print("REFUSED", e)
end
break *0x40001004
set schedule-multiple on
continue
thread apply all print $pc
delete
catch fork
continue
set detach-on-fork off
inferior 2
stepi
info inferiors
detach inferiors 2 3
info inferiors
`)
	expectInOrder(t, out, `\* 1 +process 4194304`, `\* 2 +process 16`, `1.1 .*Thread 4194304.4194304 "boot/kernel"`, `2.1 .*Thread 16.272 "bin/first"`,
		`REFUSED Can't kill process`, `hit Breakpoint 1`, `Thread 2.1`, `0x40001`, `Thread 1.1`, `0x40001`,
		`forked process 17`, `1 +process 4194304`, `2 +process 16`, `3 +process 17`, `Inferior 2 .*detached`, `Inferior 3 .*detached`, `\* 1|1 +process 4194304`)
	if len(f.bps) != 0 {
		t.Errorf("%d breakpoints left", len(f.bps))
	}
}

func TestGDBFindsNothing(t *testing.T) {
	f := newFakeSystem()
	clear(f.procs)
	f.nextPID = 0x2a
	out := runProcesses(t, f, `
info inferiors
python
for c in ("attach 5", "continue", "kill"):
    try: gdb.execute(c)
    except gdb.error as e: print("REFUSED", e)
end
set remote exec-file /bin/first
starti
info inferiors
`)
	expectInOrder(t, out, `\* 1 +<null>`, `REFUSED Attaching to process 5 failed`, `REFUSED The program is not being run`, `REFUSED The program is not being run`,
		`Program stopped`, `\* 1 +process 42`)
	if len(f.procs) != 0 {
		t.Error("gdb did not kill what it had run")
	}
}

func TestGDBSeesADeath(t *testing.T) {
	f := newFakeSystem()
	f.ops[at(3)] = fakeOp{what: "die", n: int(SIGSEGV)}
	out := runProcesses(t, f, "continue\nprint $_exitsignal\n")
	expectInOrder(t, out, `Program terminated with signal SIGSEGV`, `= 11$`)
}

func TestGDBNonStopForks(t *testing.T) {
	f := forking()
	f.ops[at(0x43)] = fakeOp{what: "back", child: at(0x42)} // the child runs for ever
	f.spawn("/bin/other")
	converse(t, f.target(),
		"set non-stop on", "",
		"set detach-on-fork off", "",
		"target extended-remote ADDR", `0x0*40001000`,
		"catch fork", `Catchpoint 1`,
		"continue", `Catchpoint 1 \(forked process 18\)`,
		"handle SIGUSR1 nostop noprint", `SIGUSR1`,
		"break *0x40001020", `Breakpoint 2`,
		"continue", `New inferior 2 \(process 18\)[^$]*hit Breakpoint 2`,
		"info inferiors", `\* 1 +process 16[^$]*2 +process 18`,
		"inferior 2", `Switching to inferior 2`,
		"continue &", `Continuing`,
		"info threads", `2.1 +Thread 18.274 .*\(running\)`,
		"interrupt", `Thread 2.1 .* stopped`,
		"add-inferior", `Added inferior 3`,
		"inferior 3", `Switching to inferior 3`,
		"attach 17", `0x0*40001000`,
		"info threads", `1.1 +Thread 16.272 .*0x0*40001020[^$]*2.1 +Thread 18.274 .*0x0*4000110[^$]*3.1 +Thread 17.273 .*0x0*40001000`,
		"stepi", `0x0*40001004`,
		"detach", `Inferior 3 \(process 17\) detached`,
		"kill inferiors 1 2", "",
		"info inferiors", `1 +<null>[^$]*2 +<null>[^$]*3 +<null>`,
	)
}
