package inferiors

import (
	"strings"
	"testing"
)

// BadInput types what cannot be done into one session after the other: gdb prints a plain reason, and the session goes on.
// gdbserver is no judge here, for it ends at the first of them.
func BadInput(t *testing.T, machine string) {
	cases := []struct {
		name, program string
		// session alternates commands and what gdb must print for each; "" is anything.
		session []string
	}{
		{"missing process", "fork", []string{
			"add-inferior", "Added inferior 2",
			"inferior 2", "",
			"attach 999", "Attaching to process 999 failed",
			"attach 999", "Attaching to process 999 failed",
			"inferior 1", "Switching to inferior 1 [process ",
			"break twice", "Breakpoint 1",
			"continue", "twice (n=2)",
			"continue", "exited with code 04",
		}},
		{"twice the same", "fork", []string{
			"break twice", "",
			"continue", "twice (n=2)",
			"python pid = gdb.selected_inferior().pid", "",
			"add-inferior", "",
			"inferior 2", "",
			`python gdb.execute("attach %d" % pid)`, "failed",
			"inferior 1", "Switching to inferior 1 [process ",
			"print n", "$1 = 2",
			"continue", "exited with code 04",
		}},
		{"killing init", "fork", []string{
			"add-inferior", "",
			"inferior 2", "",
			"attach 1", "Attaching to process 1",
			"kill", "Can't kill process",
			"detach", "[Inferior 2 (process 1) detached]",
			"inferior 1", "",
			"continue", "exited with code 04",
		}},
		{"unmapped page", "values", []string{
			"break add", "",
			"continue", "add (a=0, b=5)",
			"set var *(int *)8 = 1", "Cannot access memory at address 0x8",
			"x/4wx 4096", "Cannot access memory at address 0x1000",
			"print sum = 7", "= 7",
			"delete", "",
			"continue", "exited normally",
		}},
		{"addresses where nothing is", "values", []string{
			"break add", "Breakpoint 1",
			"continue", "add (a=0, b=5)",
			"tbreak *0", "Temporary breakpoint 2 at 0x0",
			"break *1", "",
			"hbreak *0xc0100000", "",
			"break *0xffffffff", "",
			"watch *(int *)4", "Hardware watchpoint 6",
			"rwatch *(char *)0xffffffff", "Hardware read watchpoint 7",
			"until *8", "in loop ()",
			"delete", "",
			"advance *12", "main (argc=1",
			"continue", "exited normally",
		}},
		// The addresses that gdb finds in a jmp_buf are scrambled: it sees no breakpoint of its own there, and must not run on.
		{"longjmp", "longjmp", []string{
			"break leave", "",
			"continue", "leave ()",
			"next", "Here longjmp comes back",
			"next", "if (n == 0)",
			"print n", "= 7",
			"next", "n += within()",
			"next", "Here longjmp comes back",
			"bt 1", "within ()",
			"finish", "Here longjmp comes back",
			"finish", "Value returned is $2 = 2",
			"continue", "exited with code 011",
		}},
		{"process that has just died", "crash kill", []string{
			"set detach-on-fork off", "",
			"set follow-fork-mode child", "",
			"continue", "Program terminated with signal SIGKILL",
			"attach 77", "Attaching to process 77 failed",
			"inferior 1", "Switching to inferior 1 [process ",
			"continue", "exited normally",
		}},
		{"no such program", "fork", []string{
			"continue", "exited with code 04",
			"set remote exec-file /no/such/program", "",
			"run", `Running "/no/such/program" on the remote target failed`,
			"set remote exec-file @program@", "",
			"break twice", "",
			"run", "twice (n=2)",
			"continue", "exited with code 04",
		}},
		{"no second program beside the first", "fork", []string{
			"break twice", "",
			"continue", "twice (n=2)",
			"add-inferior -exec @program@", "Added inferior 2",
			"inferior 2", "",
			"set remote exec-file /no/such/program", "",
			"run", "on the remote target failed",
			"inferior 1", "Switching to inferior 1 [process ",
			"print n", "$1 = 2",
			"continue", "exited with code 04",
		}},
		{"nothing there", "fork", []string{
			"kill", "killed]",
			"kill", "The program is not being run.",
			"detach", "The program is not being run.",
			"continue", "The program is not being run.",
			"info threads", "No threads.",
			"set remote exec-file @program@", "",
			"run", "exited with code 04",
		}},
	}
	for _, c := range cases {
		if c.program == "longjmp" && !seesLongjmp[machine] {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			words := strings.Fields(c.program)
			s := &script{connect: "target extended-remote", args: words[1:], pace: "none"}
			for i := 0; i < len(c.session); i += 2 {
				s.commands = append(s.commands, typed{text: c.session[i]})
			}
			p := programFor(t, words[0], machine, false)
			text, err := s.play(t, machine, p, s.commandLine([]string{forkscope(t), "gdbserver"}, machine, p))
			if err != nil {
				t.Fatalf("%v\n%s", err, text)
			}
			rest := text
			for i := 0; i < len(c.session); i += 2 {
				_, after, _ := strings.Cut(rest, "(gdb) "+c.session[i]+"\n")
				answer, _, _ := strings.Cut(after, "(gdb) ")
				if !strings.Contains(answer, c.session[i+1]) {
					t.Errorf("%s: gdb printed %q, without %q, in\n%s", c.session[i], answer, c.session[i+1], text)
					break
				}
				rest = after
			}
		})
	}
}
