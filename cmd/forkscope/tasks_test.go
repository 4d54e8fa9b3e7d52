package main

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// editorTask is a task of .vscode/tasks.json.
type editorTask struct {
	Label, Command string
	Args           []string
	DependsOn      []string
	IsBackground   bool
	Options        struct{ Cwd string }
	ProblemMatcher json.RawMessage
}

// TestEditorTasks does each task of .vscode/tasks.json as VS Code does: those it depends on first, and one that stays until it prints what ends its start.
func TestEditorTasks(t *testing.T) {
	top := repository(t)
	b, err := os.ReadFile(filepath.Join(top, ".vscode", "tasks.json"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	source := filepath.Join(dir, "hello.c")
	if err := os.WriteFile(source, []byte("int main(void) { return 0; }\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	// The command is the one that the tests have built, and any port will do.
	text := strings.NewReplacer("${workspaceFolder}/build/forkscope", forkscopePath(t), "build/forkscope", filepath.Join(dir, "forkscope"), "${workspaceFolder}", top,
		"${fileDirname}", dir, "${fileBasenameNoExtension}", "hello", "${file}", source, ":1234", ":0").Replace(string(b))
	var file struct{ Tasks []editorTask }
	if err := json.Unmarshal([]byte(text), &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Tasks) < 7 {
		t.Fatalf("there are %d tasks", len(file.Tasks))
	}
	done := make(map[string]bool)
	for _, task := range file.Tasks {
		for _, before := range task.DependsOn {
			if !done[before] {
				t.Fatalf("%s depends on %s, which is not before it", task.Label, before)
			}
		}
		t.Run(task.Label, func(t *testing.T) { task.do(t) })
		done[task.Label] = true
	}
}

func (e *editorTask) do(t *testing.T) {
	cmd := exec.Command(e.Command, e.Args...)
	cmd.Dir = e.Options.Cwd
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	cmd.Stdout, cmd.Stderr = w, w
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	if !e.IsBackground {
		out, _ := io.ReadAll(r)
		if err := cmd.Wait(); err != nil {
			t.Errorf("%v: %s", err, out)
		}
		return
	}
	var matcher struct{ Background struct{ EndsPattern string } }
	if err := json.Unmarshal(e.ProblemMatcher, &matcher); err != nil {
		t.Fatal(err)
	}
	ends := regexp.MustCompile(matcher.Background.EndsPattern)
	started := false
	for in := bufio.NewScanner(r); !started && in.Scan(); {
		started = ends.MatchString(in.Text())
	}
	cmd.Process.Kill()
	cmd.Wait()
	if !started {
		t.Errorf("it did not print %q", ends)
	}
}

// UnmarshalJSON takes the tasks that one depends on as one name or several.
func (e *editorTask) UnmarshalJSON(b []byte) error {
	type plain editorTask
	var task struct {
		*plain
		DependsOn any
	}
	task.plain = (*plain)(e)
	if err := json.Unmarshal(b, &task); err != nil {
		return err
	}
	switch on := task.DependsOn.(type) {
	case string:
		e.DependsOn = []string{on}
	case []any:
		for _, name := range on {
			e.DependsOn = append(e.DependsOn, name.(string))
		}
	}
	return nil
}
