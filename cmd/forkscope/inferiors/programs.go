package inferiors

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"forkscope/machine/cpu/arch"
	"forkscope/scripts/oracle"
)

// nativeMachine is what programs under the host's own gdbserver are built for. Such a host need not be able to run files
// for any other machine.
const nativeMachine = "native"

// machines are the guests.
var machines = arch.Names()

// target is how programs are made for a machine.
type target struct {
	compiler string
	musl     string // what the files of a musl are named by
}

// targets has a row for each of arch.All.
var targets = map[string]target{
	nativeMachine: {"gcc", "x86_64"},
	"i386":        {"i686-linux-gnu-gcc", "i386"},
	"arm64":       {"aarch64-linux-gnu-gcc", "aarch64"},
	"x86_64":      {"gcc", "x86_64"},
}

// seesLongjmp has the machines on which gdb looks for where a longjmp leads. On x86-64 it does not, with any server.
var seesLongjmp = map[string]bool{"i386": true, "arm64": true}

// The family of comparisons that this package makes.
const (
	family = "gdbserver's behaviour"
	judge  = "gdbserver, x86-64 build"
)

func need(t *testing.T, tool string) string {
	t.Helper()
	path, err := exec.LookPath(tool)
	if err != nil {
		oracle.Missing(t, family, judge, tool+" is not installed (scripts/setup installs it)")
	}
	return path
}

func needNative(t *testing.T) {
	t.Helper()
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		oracle.Missing(t, family, judge, "the host is "+runtime.GOOS+" on "+runtime.GOARCH)
	}
	need(t, "gdbserver")
}

// program is one of testdata, built for a machine, alone in a directory: what lies beside a program comes into the guest with it.
type program struct {
	path string
	root string // of a dynamic program, what the guest needs for it
}

// dir is what is hidden in what gdb prints.
func (p *program) dir() string { return filepath.Dir(p.path) }

// built are the programs of this test's process, and the command, each made when a script first needs it.
var built struct {
	dir     string
	command func() (string, error)
	mu      sync.Mutex
	program map[string]func() (*program, error)
}

// Main runs the tests of a package that plays scripts.
func Main(m *testing.M) {
	status, err := withBuilds(m.Run)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		status = 1
	}
	os.Exit(status)
}

func withBuilds(run func() int) (int, error) {
	dir, err := os.MkdirTemp("", "forkscope")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	// The guest has the program under the path that it has here.
	if built.dir, err = filepath.EvalSymlinks(dir); err != nil {
		return 0, err
	}
	built.program = map[string]func() (*program, error){}
	built.command = sync.OnceValues(func() (string, error) {
		path := filepath.Join(built.dir, "forkscope")
		return path, silently(exec.Command("go", "build", "-o", path, "forkscope/cmd/forkscope"))
	})
	return run(), nil
}

// forkscope is the command's path.
func forkscope(t *testing.T) string {
	t.Helper()
	path, err := built.command()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// programFor builds a program for a machine.
func programFor(t *testing.T, name, machine string, dynamic bool) *program {
	t.Helper()
	compiler := need(t, targets[machine].compiler)
	loader := "/lib/ld-musl-" + targets[machine].musl + ".so.1"
	specs := "/usr/lib/" + targets[machine].musl + "-linux-musl/musl-gcc.specs"
	if dynamic {
		for _, file := range []string{loader, specs} {
			if _, err := os.Stat(file); err != nil {
				oracle.Missing(t, family, judge, "musl for "+machine+" is not installed (scripts/setup installs it)")
			}
		}
	}
	dir := filepath.Join(built.dir, machine, fmt.Sprintf("%s-%t", name, dynamic))
	built.mu.Lock()
	make := built.program[dir]
	if make == nil {
		make = sync.OnceValues(func() (*program, error) {
			if err := os.MkdirAll(dir, 0o755); err != nil {
				return nil, err
			}
			if !dynamic {
				return compileProgram(compiler, name, dir, "-static", "-pthread", "-fno-pie", "-no-pie")
			}
			p, err := compileProgram(compiler, name, dir, "-specs", specs)
			if err != nil {
				return nil, err
			}
			p.root = filepath.Join(built.dir, machine, "root-"+name)
			return p, copyFile(filepath.Join(p.root, loader), loader)
		})
		built.program[dir] = make
	}
	built.mu.Unlock()
	p, err := make()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func copyFile(to, from string) error {
	b, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, b, 0o755)
}

func compileProgram(compiler, name, dir string, options ...string) (*program, error) {
	p := &program{path: filepath.Join(dir, name)}
	args := append([]string{"-g", "-O0", "-Wall", "-Werror", "-o", p.path, name + ".c"}, options...)
	cmd := exec.Command(compiler, args...)
	// Names without a directory, so that gdb prints the same wherever the sources are.
	cmd.Dir = testdata
	return p, silently(cmd)
}

// silently runs a command that says something only if it fails.
func silently(cmd *exec.Cmd) error {
	if b, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%v: %w\n%s", cmd, err, b)
	}
	return nil
}
