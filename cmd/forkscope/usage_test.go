package main

import (
	"bytes"
	"forkscope/machine/cpu/arch"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// said runs the command in this process.
func said(args ...string) (stdout, stderr string, status int) {
	var out, errs bytes.Buffer
	status = doMain(append([]string{"forkscope"}, args...), nil, &out, &errs)
	return out.String(), errs.String(), status
}

// A command that is not there, or a flag of another one's, gets one line that says what to type.
func TestCommandErrors(t *testing.T) {
	program := filepath.Join(t.TempDir(), "a.out")
	if err := os.WriteFile(program, nil, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ args, want string }{
		{"walk", `there is no command "walk"; see forkscope help`},
		{"rum", `there is no command "rum" (did you mean run?); see forkscope help`},
		{"gdbsever :0", `there is no command "gdbsever" (did you mean gdbserver?); see forkscope help`},
		{"help walk", `there is no command "walk"; see forkscope help`},
		{program, "there is no command \"" + program + "\"; to run that file, write forkscope run " + program},
		{"--arch arm64 run", "--arch: a flag of run, and comes after it; write forkscope run --arch ..."},
		{"--versoin", "--versoin: there is no such flag (did you mean --version?); see forkscope help"},
		{"version 2", "version: takes no arguments; write forkscope version"},
		{"replay", "replay: needs one FILE, which forkscope run --record FILE has written"},
		{"replay a b", "replay: needs one FILE, which forkscope run --record FILE has written"},
		{"completion", "completion: for which shell? Write forkscope completion bash, zsh or fish"},
		{"completion ksh", "completion: for which shell? Write forkscope completion bash, zsh or fish"},
		{"man --frob", "--frob: man has no such flag; forkscope help man lists them"},
	} {
		stdout, stderr, status := said(strings.Fields(c.args)...)
		if status != statusUsage || stdout != "" || stderr != "forkscope: "+c.want+"\n" {
			t.Errorf("%s: status %d, and it said %q%q, where %q was wanted", c.args, status, stdout, stderr, c.want)
		}
	}
}

// What people type to find out more.
func TestHelp(t *testing.T) {
	for args, want := range map[string]string{
		"":                    "completion  print what",
		"--help":              "gdbserver   run a program for gdb",
		"help":                "run         boot the kernel",
		"-h":                  "--version, -v",
		"help run":            "--arch MACHINE",
		"run --help":          "--cwd DIR",
		"help gdbserver":      "Usage:\tforkscope gdbserver [OPTION...] COMM PROGRAM",
		"gdbserver --help":    "  --cwd DIR ",
		"help help":           "[COMMAND]",
		"--version":           "forkscope ",
		"-v":                  "forkscope ",
		"version":             runtime.Version(),
		"gdbserver --version": "forkscope gdbserver ",
	} {
		if stdout, stderr, status := said(strings.Fields(args)...); status != 0 || stderr != "" || !strings.Contains(stdout, want) {
			t.Errorf("%q: status %d, printed without %q:\n%s%s", args, status, want, stdout, stderr)
		}
	}
}

// The manual page and the completions have every flag of every command.
func TestEveryFlagIsTold(t *testing.T) {
	for _, args := range []string{"man", "completion bash", "completion zsh", "completion fish"} {
		text, _, status := said(strings.Fields(args)...)
		if status != 0 {
			t.Errorf("%s: status %d", args, status)
		}
		text = strings.ReplaceAll(text, `\-`, "-")
		for _, command := range newApp(nil, nil, nil).VisibleCommands() {
			for _, f := range command.Flags {
				name := "--" + f.Names()[0]
				if strings.HasSuffix(args, "fish") {
					name = "-l " + f.Names()[0]
				}
				if !strings.Contains(text, name) {
					t.Errorf("%s: %s of %s is missing", args, name, command.Name)
				}
			}
		}
	}
	page, _, _ := said("man")
	cmd := exec.Command(need(t, "man"), "--warnings", "-l", "-")
	cmd.Stdin = strings.NewReader(page)
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	if out, err := cmd.Output(); err != nil || complaints.Len() > 0 || !strings.Contains(string(out), "--allow-remote") {
		t.Errorf("man: %v\n%s\n%s", err, &complaints, out)
	}
}

// bash completes commands, flags and the values of flags.
func TestBashCompletion(t *testing.T) {
	script, _, _ := said("completion", "bash")
	for line, want := range map[string]string{
		"forkscope r":                   "run replay",
		"forkscope run --ar":            "--arch",
		"forkscope run --arch ":         strings.Join(arch.Names(), " "),
		"forkscope run --view p":        "process",
		"forkscope help g":              "gdbserver",
		"forkscope completion ":         "bash zsh fish",
		"forkscope gdbserver --no-star": "--no-startup-with-shell",
		"forkscope run --root testd":    "testdata",
		"forkscope run usage_":          "usage_test.go",
	} {
		words := strings.Split(line, " ")
		out, err := exec.Command("bash", append([]string{"-c", script + `
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _forkscope; echo "${COMPREPLY[*]}"`, "bash"}, words...)...).Output()
		if err != nil || strings.TrimSpace(string(out)) != want {
			t.Errorf("%q: %q, %v, where %q was wanted", line, out, err, want)
		}
	}
}
