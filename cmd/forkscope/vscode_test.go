package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"forkscope/scripts/oracle"

	"github.com/google/go-dap"
)

// adapterScript is where scripts/setup installs the debug adapter that the extension "CDT GDB" of VS Code contains.
const adapterScript = "/usr/local/lib/forkscope-vscode/node_modules/cdt-gdb-adapter/dist/debugTargetAdapter.js"

// editor is a client of the debug adapter protocol, as VS Code is one.
type editor struct {
	t      *testing.T
	in     io.WriteCloser
	events chan dap.Message
	past   []dap.Message // what has come and nobody has waited for yet
	seq    int
	output strings.Builder
}

// startAdapter starts the adapter in a directory where no sources are.
func startAdapter(t *testing.T) *editor {
	t.Helper()
	if _, err := os.Stat(adapterScript); err != nil {
		oracle.Missing(t, "debug adapters", "cdt-gdb-adapter", "it is not installed (scripts/setup installs it)")
	}
	cmd := exec.Command(need(t, "node"), adapterScript)
	cmd.Dir = t.TempDir()
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	e := &editor{t: t, in: in, events: make(chan dap.Message, 1000)}
	go func() {
		defer close(e.events)
		for r := bufio.NewReader(out); ; {
			m, err := dap.ReadProtocolMessage(r)
			if _, unknown := err.(*dap.DecodeProtocolMessageFieldError); unknown {
				continue
			}
			if err != nil {
				return
			}
			e.events <- m
		}
	}()
	t.Cleanup(func() {
		in.Close()
		cmd.Process.Kill()
		cmd.Wait()
	})
	return e
}

// request sends one and waits for its answer.
func request[R dap.Message](e *editor, command string, arguments any) R {
	e.t.Helper()
	seq := e.send(command, arguments)
	return awaitMessage(e, command, func(m R) bool {
		r, ok := any(m).(dap.ResponseMessage)
		return ok && r.GetResponse().RequestSeq == seq
	})
}

func (e *editor) send(command string, arguments any) int {
	e.t.Helper()
	e.seq++
	b, err := json.Marshal(map[string]any{"seq": e.seq, "type": "request", "command": command, "arguments": arguments})
	if err != nil {
		e.t.Fatal(err)
	}
	if err := dap.WriteBaseMessage(e.in, b); err != nil {
		e.t.Fatalf("%s: %v\n%s", command, err, e.output.String())
	}
	return e.seq
}

// awaitMessage waits for a message of a type; those that come in between are kept.
func awaitMessage[M dap.Message](e *editor, what string, is func(M) bool) M {
	e.t.Helper()
	for i, m := range e.past {
		if want, ok := m.(M); ok && is(want) {
			e.past = append(e.past[:i:i], e.past[i+1:]...)
			return want
		}
	}
	deadline := time.After(patience)
	for {
		select {
		case m, ok := <-e.events:
			if !ok {
				e.t.Fatalf("%s: the adapter has ended:\n%s", what, e.output.String())
			}
			if r, ok := m.(*dap.ErrorResponse); ok {
				e.t.Fatalf("%s was refused: %s %v\n%s", r.Command, r.Message, r.Body.Error, e.output.String())
			}
			if o, ok := m.(*dap.OutputEvent); ok {
				e.output.WriteString(o.Body.Output)
			}
			if want, ok := m.(M); ok && is(want) {
				return want
			}
			e.past = append(e.past, m)
		case <-deadline:
			e.t.Fatalf("%s: no answer in time:\n%s", what, e.output.String())
		}
	}
}

func any1[M any](M) bool { return true }

// launchConfiguration is an entry of .vscode/launch.json, with VS Code's variables replaced.
func launchConfiguration(t *testing.T, name string, variables ...string) map[string]any {
	t.Helper()
	text := strings.NewReplacer(variables...).Replace(string(mustRead(t, "../../.vscode/launch.json")))
	if left := regexp.MustCompile(`\$\{[^}]*\}`).FindString(text); left != "" && variables != nil {
		t.Fatalf("launch.json has a variable that the test does not know: %s", left)
	}
	var launch struct{ Configurations []map[string]any }
	if err := json.Unmarshal([]byte(text), &launch); err != nil {
		t.Fatal(err)
	}
	for _, c := range launch.Configurations {
		if c["name"] == name {
			return c
		}
	}
	t.Fatalf("launch.json has no configuration %q", name)
	return nil
}

// repository is the top of this repository.
func repository(t *testing.T) string {
	t.Helper()
	top, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return top
}

// lineOf is the number of the first line of a file that has a text.
func lineOf(t *testing.T, file, text string) int {
	t.Helper()
	for i, line := range strings.Split(string(mustRead(t, file)), "\n") {
		if strings.Contains(line, text) {
			return i + 1
		}
	}
	t.Fatalf("%s: no line has %q", file, text)
	return 0
}

// launched starts a configuration with breakpoints at lines of files, named by absolute paths as VS Code names them, which must be verified.
func (e *editor) launched(config map[string]any, file string, lines ...int) {
	e.t.Helper()
	request[*dap.InitializeResponse](e, "initialize", map[string]any{"adapterID": "gdbtarget", "linesStartAt1": true, "columnsStartAt1": true, "pathFormat": "path"})
	launch := e.send("launch", config)
	awaitMessage(e, "initialized", any1[*dap.InitializedEvent])
	var at []map[string]any
	for _, line := range lines {
		at = append(at, map[string]any{"line": line})
	}
	set := request[*dap.SetBreakpointsResponse](e, "setBreakpoints", map[string]any{"source": map[string]any{"path": file}, "breakpoints": at})
	for i, b := range set.Body.Breakpoints {
		if !b.Verified || b.Line != lines[i] {
			e.t.Fatalf("the breakpoint at %s:%d is not verified: %+v\n%s", file, lines[i], b, e.output.String())
		}
	}
	request[*dap.ConfigurationDoneResponse](e, "configurationDone", nil)
	awaitMessage(e, "launch", func(r *dap.LaunchResponse) bool { return r.RequestSeq == launch })
}

// stopped waits for a stop and returns its thread and innermost frames.
func (e *editor) stopped(reason string) (thread int, frames []dap.StackFrame) {
	e.t.Helper()
	for {
		stop := awaitMessage(e, "a stop", any1[*dap.StoppedEvent])
		if stop.Body.Reason != reason {
			continue
		}
		trace := request[*dap.StackTraceResponse](e, "stackTrace", map[string]any{"threadId": stop.Body.ThreadId, "startFrame": 0, "levels": 20})
		return stop.Body.ThreadId, trace.Body.StackFrames
	}
}

func (e *editor) resume(thread int) {
	e.t.Helper()
	request[*dap.ContinueResponse](e, "continue", map[string]any{"threadId": thread})
}

// variables are the locals of a frame, by name.
func (e *editor) variables(frame int) map[string]string {
	e.t.Helper()
	scopes := request[*dap.ScopesResponse](e, "scopes", map[string]any{"frameId": frame})
	found := make(map[string]string)
	list := request[*dap.VariablesResponse](e, "variables", map[string]any{"variablesReference": scopes.Body.Scopes[0].VariablesReference})
	for _, v := range list.Body.Variables {
		found[v.Name] = v.Value
	}
	return found
}

// The configurations of .vscode for the kernel work with the adapter, from a directory where no sources are: the editor's absolute paths are
// understood, and frames have them.
func TestEditorKernel(t *testing.T) {
	top := repository(t)
	for _, arch := range []string{"arm64", "i386"} {
		t.Run(arch, func(t *testing.T) {
			t.Parallel()
			e := startAdapter(t)
			config := launchConfiguration(t, "kernel, "+arch+" (CDT GDB adapter)", "${workspaceFolder}/build/forkscope", forkscopePath(t),
				"${workspaceFolder}", top, "${fileDirname}", "/", "${fileBasenameNoExtension}", "")
			config["cwd"] = t.TempDir()
			file := filepath.Join(top, "kernel/core/fork.c")
			line := lineOf(t, file, "copy_thread(clone_flags")
			e.launched(config, file, line)
			thread, frames := e.stopped("breakpoint")
			if f := frames[0]; f.Name != "copy_process" || f.Line != line || f.Source == nil || f.Source.Path != file {
				t.Errorf("stopped in %+v, source %+v", f, f.Source)
			}
			// The second fork is init's, the third the demo's own.
			for range 2 {
				e.resume(thread)
				thread, frames = e.stopped("breakpoint")
			}
			if f := frames[len(frames)-1]; !strings.HasSuffix(f.Source.Path, "/kernel/arch/"+arch+"/entry.S") || !filepath.IsAbs(f.Source.Path) {
				t.Errorf("the outermost frame is in %+v", f.Source)
			}
			threads := request[*dap.ThreadsResponse](e, "threads", nil)
			var names []string
			for _, th := range threads.Body.Threads {
				names = append(names, th.Name)
			}
			if all := strings.Join(names, "\n"); !strings.Contains(all, "init") || !strings.Contains(all, "demo") || len(names) < 3 {
				t.Errorf("the threads are %q", names)
			}
			if v := e.variables(frames[0].Id); !strings.HasPrefix(v["p"], "0x") {
				t.Errorf("the variables are %v", v)
			}
			value := request[*dap.EvaluateResponse](e, "evaluate", map[string]any{"expression": "clone_flags", "frameId": frames[0].Id, "context": "watch"})
			if value.Body.Result != "17" { // SIGCHLD
				t.Errorf("clone_flags is %q", value.Body.Result)
			}
			request[*dap.NextResponse](e, "next", map[string]any{"threadId": thread})
			if _, frames = e.stopped("step"); frames[0].Line <= line {
				t.Errorf("a step from line %d ends at %d", line, frames[0].Line)
			}
			request[*dap.SetBreakpointsResponse](e, "setBreakpoints", map[string]any{"source": map[string]any{"path": file}, "breakpoints": []any{}})
			e.resume(thread)
			awaitMessage(e, "the end", any1[*dap.TerminatedEvent])
			awaitMessage(e, "the demo's last line", func(*dap.OutputEvent) bool { return strings.Contains(e.output.String(), "demo: done") })
			request[*dap.DisconnectResponse](e, "disconnect", map[string]any{})
			oracle.Compared("debug adapters", "cdt-gdb-adapter", 1)
		})
	}
}

// forkscopePath is the command that tests have in their PATH.
func forkscopePath(t *testing.T) string {
	t.Helper()
	p, err := exec.LookPath("forkscope")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// The configurations for a program stop on both sides of its fork.
func TestEditorProgram(t *testing.T) {
	for _, arch := range []string{"arm64", "i386"} {
		t.Run(arch, func(t *testing.T) {
			t.Parallel()
			e := startAdapter(t)
			program := forkProgram(t, arch)
			config := launchConfiguration(t, "this C file and what it forks, "+arch+" (CDT GDB adapter)", "${workspaceFolder}/build/forkscope", forkscopePath(t),
				"${workspaceFolder}", repository(t), "${fileDirname}/${fileBasenameNoExtension}", program, "${fileDirname}", filepath.Dir(program))
			config["cwd"] = t.TempDir()
			source := program + ".c"
			e.launched(config, source, 9)
			var seen []string
			for len(seen) < 2 {
				thread, frames := e.stopped("breakpoint")
				f := frames[0]
				if f.Name != "main" || f.Source == nil || f.Source.Path != source {
					t.Fatalf("stopped in %+v, source %+v", f, f.Source)
				}
				seen = append(seen, fmt.Sprint(e.variables(f.Id)["pid"]))
				e.resume(thread)
			}
			if got := strings.Join(seen, " "); got != "0 3" && got != "3 0" {
				t.Errorf("pid on both sides is %q", got)
			}
		})
	}
}

// The configurations for cppdbg, whose adapter may not be passed on, send gdb these commands over MI, as its log shows: the set-up of launch.json first, then
// the program, the connection, and breakpoints at absolute paths.
func TestEditorMI(t *testing.T) {
	top := repository(t)
	for _, arch := range []string{"arm64", "i386"} {
		t.Run(arch, func(t *testing.T) {
			t.Parallel()
			config := launchConfiguration(t, "kernel, "+arch+" (cppdbg)", "${workspaceFolder}", top, "${fileDirname}", "/", "${fileBasenameNoExtension}", "")
			file := filepath.Join(top, "kernel/core/fork.c")
			line := lineOf(t, file, "copy_thread(clone_flags")
			e := startEmulator(t, "--arch", arch, "--view", "kernel")
			cmd := gdbCommand(context.Background(), t, "--interpreter=mi")
			cmd.Dir = t.TempDir()
			in := new(strings.Builder)
			number := 1000
			send := func(format string, args ...any) {
				number++
				fmt.Fprintf(in, "%d"+format+"\n", append([]any{number}, args...)...)
			}
			send("-gdb-set auto-solib-add on")
			for _, c := range config["setupCommands"].([]any) {
				send("-interpreter-exec console %s", quoteMI(c.(map[string]any)["text"].(string)))
			}
			send("-environment-cd %s", quoteMI(cmd.Dir))
			send("-file-exec-and-symbols %s", quoteMI(config["program"].(string)))
			send("-target-select remote %s", e.socket)
			send("-break-insert -f %s", quoteMI(fmt.Sprintf("%s:%d", file, line)))
			inserted := number
			send("-exec-continue")
			send("-stack-list-frames 0 5")
			send("-thread-info")
			send("-gdb-exit")
			cmd.Stdin = strings.NewReader("1-gdb-set mi-async off\n" + in.String())
			out, err := cmd.Output()
			if err != nil {
				t.Errorf("gdb: %v", err)
			}
			inOrder(t, string(out), fmt.Sprintf("%d^done,bkpt={number=\"1\"", inserted), `fullname="`+file+`",line="`+fmt.Sprint(line)+`"`,
				`*stopped,reason="breakpoint-hit"`, `fullname="`+file+`",line="`+fmt.Sprint(line)+`"`,
				`frame={level="0"`, `fullname="`+file+`"`, `fullname="`+filepath.Join(top, "kernel/core/main.c")+`"`, "^done,threads=[")
		})
	}
}

func quoteMI(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}
