package syscalls

import (
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"forkscope/scripts/oracle"
)

// The family of comparisons of numbers, and what they are compared with.
const (
	numbers = "numbers of system calls"
	headers = "the compilers' asm/unistd.h"
)

// compilers are those whose headers know a machine's numbers.
var compilers = map[string]string{"i386": "i686-linux-gnu-gcc", "arm64": "aarch64-linux-gnu-gcc", "x86_64": "x86_64-linux-gnu-gcc"}

// beyond are calls that the compilers' headers lack: programs of arm64's first years made one, and the other came with Linux 6.6.
var beyond = map[string]string{"arm64": "fork", "x86_64": "map_shadow_stack"}

// Every number is the headers' own, and up to the highest that the list has, none of theirs is missing.
func TestNumbersAreTheHeaders(t *testing.T) {
	for machine, compiler := range compilers {
		t.Run(machine, func(t *testing.T) {
			want := headerNumbers(t, compiler)
			last := 0
			for _, c := range All(machine) {
				if c.Name == beyond[machine] {
					continue
				}
				last = max(last, c.Number)
				if n, ok := want[c.Name]; !ok || n != c.Number {
					t.Errorf("%s is %d in the list; the header says %d (it has the name: %t)", c.Name, c.Number, n, ok)
				}
			}
			for name, n := range want {
				if _, ok := of(machine).byName[name]; !ok && n <= last {
					t.Errorf("%s, %d, is not in the list", name, n)
				}
			}
			oracle.Compared(numbers, headers, len(All(machine)))
		})
	}
}

// headerNumbers are the numbers that a compiler's headers give to names. Some are defined by way of another name.
func headerNumbers(t *testing.T, compiler string) map[string]int {
	if _, err := exec.LookPath(compiler); err != nil {
		oracle.Missing(t, numbers, headers, compiler+" is not installed (scripts/setup installs it)")
	}
	cmd := exec.Command(compiler, "-dM", "-E", "-")
	cmd.Stdin = strings.NewReader("#include <asm/unistd.h>\n")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v", compiler, err)
	}
	values := make(map[string]string)
	for _, m := range regexp.MustCompile(`(?m)^#define (__NR\w*) (\w+)$`).FindAllStringSubmatch(string(out), -1) {
		values[m[1]] = m[2]
	}
	found := make(map[string]int)
	for name, value := range values {
		name, ok := strings.CutPrefix(name, "__NR_")
		if !ok || name == "syscalls" || name == "arch_specific_syscall" {
			continue // not a call: how many there are, or where a machine's own begin
		}
		for values[value] != "" {
			value = values[value]
		}
		n, err := strconv.Atoi(value)
		if err != nil {
			t.Fatalf("%s: __NR_%s: %v", compiler, name, err)
		}
		found[name] = n
	}
	if len(found) < 300 {
		t.Fatalf("%s: only %d numbers were found", compiler, len(found))
	}
	return found
}

// A reader finds a name where the alphabet has it, and a new one has one place to go.
func TestListIsSorted(t *testing.T) {
	var names []string
	for _, line := range strings.Split(list, "\n") {
		if words := strings.Fields(line); len(words) > 0 && words[0] != "#" && words[0] != "name" {
			names = append(names, words[0])
		}
	}
	if len(names) < 400 || !slices.IsSorted(names) {
		for i := 1; i < len(names); i++ {
			if names[i] < names[i-1] {
				t.Errorf("%s comes after %s", names[i], names[i-1])
			}
		}
	}
}

// A call that the kernel does on one machine it does on every machine that has it.
func TestMachinesHaveTheSameCalls(t *testing.T) {
	done := make(map[string]bool)
	for machine := range tables() {
		for _, c := range All(machine) {
			done[c.Name] = done[c.Name] || c.Function != ""
		}
	}
	for machine := range tables() {
		for _, c := range All(machine) {
			if done[c.Name] && c.Function == "" {
				t.Errorf("%s is not done on %s, but on another machine", c.Name, machine)
			}
		}
	}
}

func TestNamesAndNumbers(t *testing.T) {
	for _, c := range []struct {
		machine string
		number  int
		name    string
	}{{"i386", 11, "execve"}, {"arm64", 221, "execve"}, {"arm64", 1079, "fork"}, {"x86_64", 59, "execve"}} {
		if got := Name(c.machine, c.number); got != c.name {
			t.Errorf("%s: number %d is %q, not %q", c.machine, c.number, got, c.name)
		}
		if got := Number(c.machine, c.name); got != c.number {
			t.Errorf("%s: %s is number %d, not %d", c.machine, c.name, got, c.number)
		}
	}
	if got := Name("i386", 1079); got != "system call 1079" {
		t.Errorf("a number without a call is %q", got)
	}
}

func TestBadLists(t *testing.T) {
	const head = "name i386 arm64 function\n"
	for _, c := range []struct{ list, why string }{
		{"", "no machines"},
		{head + "read 3 sys_read", "3 words where there are 2 machines"},
		{head + "read 3 63 sys_read\nwrite 3 64 sys_write", "read and write have the number 3"},
		{head + "read 3 63 sys_read\nread 4 - sys_write", "read has two numbers"},
		{head + "read three 63 sys_read", "the number of read"},
	} {
		if _, err := parse(c.list); err == nil || !strings.Contains(err.Error(), c.why) {
			t.Errorf("%q: %v, not an error with %q", c.list, err, c.why)
		}
	}
}
