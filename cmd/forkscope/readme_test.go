package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/diff"

	"forkscope/cmd/forkscope/inferiors"
)

var updateREADME = flag.Bool("update", false, "write what gdb prints now into the sessions of README.md, and of testdata/readme for the other machine")

const readme = "../../README.md"

// block is a fenced part of README.md: a session at a shell, or a file.
type block struct {
	language   string
	start, end int // of the text between the fences
	text       string
}

var fenced = regexp.MustCompile("(?s)```([a-z]*)\n(.*?)```")

func readmeBlocks(t *testing.T) (text string, blocks []block) {
	t.Helper()
	text = string(mustRead(t, readme))
	for _, m := range fenced.FindAllStringSubmatchIndex(text, -1) {
		blocks = append(blocks, block{text[m[2]:m[3]], m[4], m[5], text[m[4]:m[5]]})
	}
	return text, blocks
}

// readmeReader types what README.md shows, on one of the machines.
type readmeReader struct {
	t      *testing.T
	arch   string
	dir    string // where fork.c is
	port   string // the one that README calls 1234
	server *inferiors.Output
	cancel func()
	ended  chan struct{}
}

// The sessions of README.md are what a reader sees who types them: word for word, but for addresses, on the machine that README shows, and with the
// texts of testdata/readme on the other.
func TestREADMESessions(t *testing.T) {
	need(t, "gdb-multiarch")
	for _, arch := range []string{"arm64", "i386"} {
		t.Run(arch, func(t *testing.T) {
			text, blocks := readmeBlocks(t)
			r := &readmeReader{t: t, arch: arch, dir: t.TempDir()}
			defer r.stop()
			var got strings.Builder
			fresh := text
			for i := len(blocks) - 1; i >= 0; i-- { // files first: a session may need one that comes after it
				if blocks[i].language == "c" {
					if err := os.WriteFile(filepath.Join(r.dir, "fork.c"), []byte(blocks[i].text), 0o600); err != nil {
						t.Fatal(err)
					}
				}
			}
			shift := 0
			for _, b := range blocks {
				if b.language != "" || !strings.HasPrefix(b.text, "$ ") {
					continue
				}
				seen := r.session(b.text)
				fmt.Fprintf(&got, "%s\n", seen)
				fresh = fresh[:b.start+shift] + seen + fresh[b.end+shift:]
				shift += len(seen) - len(b.text)
			}
			if t.Failed() {
				return
			}
			if arch == "arm64" {
				r.compare(readme, text, fresh)
				return
			}
			golden := filepath.Join("testdata/readme", arch+".txt")
			want, _ := os.ReadFile(golden)
			r.compare(golden, string(want), got.String())
		})
	}
}

// compare holds a file against what was seen, with addresses masked; with -update it is written anew.
func (r *readmeReader) compare(file, want, got string) {
	r.t.Helper()
	if *updateREADME {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			r.t.Fatal(err)
		}
		return
	}
	if d := diff.Diff(file, []byte(masked(want)), "seen", []byte(masked(got))); d != nil {
		r.t.Errorf("go test ./cmd/forkscope -run TestREADMESessions -update puts this right, if it is:\n%s", d)
	}
}

var hexNumber = regexp.MustCompile(`0x[0-9a-f]+`)

// masked hides what a new build changes without a change of meaning. Columns that addresses stand in are left as wide as they are.
func masked(s string) string {
	return hexNumber.ReplaceAllStringFunc(s, func(a string) string { return "0x" + strings.Repeat("X", len(a)-2) })
}

// session types the commands of a block and returns it with what is printed now.
func (r *readmeReader) session(text string) string {
	var seen strings.Builder
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for i := 0; i < len(lines); {
		line := lines[i]
		i++
		from := i
		for i < len(lines) && !strings.HasPrefix(lines[i], "$ ") {
			i++
		}
		command, comment, _ := strings.Cut(strings.TrimPrefix(line, "$ "), " #")
		seen.WriteString(line + "\n")
		_ = comment
		switch words := strings.Fields(command); {
		case words[0] == "gdb-multiarch":
			seen.WriteString(r.gdb(command, lines[from:i]))
		case strings.Contains(command, ":1234"):
			seen.WriteString(r.serve(command, lines[from:i]))
		default:
			seen.WriteString(r.run(command))
		}
	}
	return seen.String()
}

// shell makes a command of README one for this machine and its place.
func (r *readmeReader) shell(command string) *exec.Cmd {
	command = strings.NewReplacer("go run ./cmd/forkscope", "forkscope", ":1234", ":"+r.port, "arm64", r.arch, "aarch64-linux-gnu-gcc", crossCompiler[r.arch]).Replace(command)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	r.t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, "bash", "-c", "exec "+command)
	cmd.Dir = r.dir
	return cmd
}

// run has the command run to its end.
func (r *readmeReader) run(command string) string {
	cmd := r.shell(command)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		r.t.Errorf("%s: %v\n%s%s", command, err, out, &errs)
	}
	return r.asShown(string(out))
}

// serve starts the command and waits for the lines that README shows, the last of which names the port.
func (r *readmeReader) serve(command string, lines []string) string {
	r.stop()
	r.port = "0"
	cmd := r.shell(command)
	out := inferiors.NewOutput()
	pipe, err := cmd.StderrPipe()
	if err != nil {
		r.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { out.CopyFrom(pipe); cmd.Wait(); close(ended) }()
	r.server, r.ended, r.cancel = out, ended, func() { cmd.Process.Kill() }
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	port := regexp.MustCompile(`(?:port |:)(\d+)\r?\n`)
	out.Await(ctx, 0, port)
	seen := strings.ReplaceAll(out.From(0), "\r", "")
	m := port.FindStringSubmatch(seen)
	if m == nil {
		r.t.Fatalf("%s: no port is named:\n%s", command, seen)
	}
	r.port = m[1]
	return strings.ReplaceAll(r.asShown(seen), r.port, "1234")
}

func (r *readmeReader) stop() {
	if r.cancel != nil {
		r.cancel()
		<-r.ended
		r.cancel = nil
	}
}

// gdb types the commands of the lines into gdb and returns the lines with its answers.
func (r *readmeReader) gdb(command string, lines []string) string {
	var typed []string
	for _, line := range lines {
		if c, ok := strings.CutPrefix(line, "(gdb) "); ok {
			typed = append(typed, c)
		}
	}
	// A terminal's width, and a prompt that is told from output: neither is typed.
	const prompt = "\x01"
	cmd := r.shell(strings.Replace(command, "gdb-multiarch", "gdb-multiarch -nx -ex 'set width 0' -ex 'set height 0' -ex 'set style enabled off' -ex 'set prompt "+prompt+"'", 1))
	if strings.Contains(command, "target remote") {
		cmd.Dir = repository(r.t)
	}
	cmd.Stdin = strings.NewReader(strings.Join(typed, "\n") + "\nkill\n")
	out, err := cmd.CombinedOutput()
	if err != nil {
		r.t.Errorf("%s: %v", command, err)
	}
	answers := strings.Split(string(out), prompt)
	if len(answers) < len(typed)+1 {
		r.t.Fatalf("%s: gdb has answered %d of %d commands:\n%s", command, len(answers)-1, len(typed), out)
	}
	seen := r.asShown(answers[0])
	for i, c := range typed {
		seen += "(gdb) " + c + "\n" + r.asShown(answers[i+1])
	}
	return seen
}

// notShown is what a reader sees and README leaves out.
var notShown = regexp.MustCompile(`^(Reading .* from remote target\.\.\.|warning: File transfers from remote.*|Remote debugging using .*|Continuing\.|forkscope kernel .*|\[(New Thread|Switching to).*|\s*)$`)

func (r *readmeReader) asShown(out string) string {
	var seen strings.Builder
	dir, err := filepath.EvalSymlinks(r.dir)
	if err != nil {
		r.t.Fatal(err)
	}
	for _, line := range strings.Split(strings.ReplaceAll(out, "\r", ""), "\n") {
		if !notShown.MatchString(line) {
			seen.WriteString(strings.TrimRight(strings.ReplaceAll(line, dir, "/home/me"), " ") + "\n")
		}
	}
	return seen.String()
}
