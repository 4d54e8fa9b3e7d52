package guests_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"forkscope/scripts/oracle"
)

var long = flag.Bool("gotests.long", false, "run Go's tests that are marked long in testdata/gotests.txt, too")

// machines are those of the guests, with Go's name and QEMU's for each.
var machines = []struct{ arch, goarch, qemu string }{
	{"arm64", "arm64", "qemu-aarch64"},
	{"i386", "386", "qemu-i386"},
}

// run executes a command and returns its standard output with plain line ends. The time only bounds what hangs.
func run(t *testing.T, dir, name string, args ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 8*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if err != nil {
		err = fmt.Errorf("%s: %w\n%s", name, err, stderr.String())
	}
	return strings.ReplaceAll(stdout.String(), "\r", ""), err
}

// forkscope is the command, built once for all tests of the package.
var forkscope = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "forkscope-guests")
	if err != nil {
		return "", err
	}
	out := filepath.Join(dir, "forkscope")
	if b, err := exec.Command("go", "build", "-o", out, "forkscope/cmd/forkscope").CombinedOutput(); err != nil {
		return "", fmt.Errorf("build of forkscope: %w\n%s", err, b)
	}
	return out, nil
})

func TestMain(m *testing.M) {
	status := m.Run()
	if bin, err := forkscope(); err == nil {
		os.RemoveAll(filepath.Dir(bin))
	}
	os.Exit(status)
}

// inGuest runs a program of the tree root.
func inGuest(t *testing.T, arch, root, program string, args ...string) (string, error) {
	t.Helper()
	bin, err := forkscope()
	if err != nil {
		t.Fatal(err)
	}
	args = append([]string{"run", "--quiet", "--arch", arch, "--memory", "768M", "--append", "quiet", "--root", root,
		filepath.Join(root, program)}, args...)
	return run(t, "", bin, args...)
}

// debian unpacks Debian packages into a new tree.
func debian(t *testing.T, family, arch string, sets ...string) string {
	t.Helper()
	root := t.TempDir()
	for _, set := range sets {
		if b, err := exec.Command("../scripts/debian-root", arch, set, root).CombinedOutput(); err != nil {
			oracle.Missing(t, family, "Debian's "+set, fmt.Sprintf("packages for %s: %v %s", arch, err, b))
		}
	}
	return root
}

// A shell's process substitutions, here documents and reopened descriptors print what they print on the host.
func TestBash(t *testing.T) {
	const family = "Debian's bash on our kernel"
	script := `
cat <(echo a) <(echo b)
echo out > >(cat); wait $!
exec 3< <(echo three); cat /dev/fd/3
echo in | cat /dev/stdin
cat <<< here
read -r line < <(printf 'first\nsecond\n'); echo "$line"
for i in 1 2 3; do (echo $i) & wait; done
(echo shared > /dev/shm/forkscope.$$; cat /dev/shm/forkscope.$$; rm /dev/shm/forkscope.$$)
`
	want, err := run(t, "", "bash", "-c", script)
	if err != nil {
		oracle.Missing(t, family, "the host's bash", err.Error())
	}
	for _, m := range machines {
		t.Run(m.arch, func(t *testing.T) {
			root := debian(t, family, m.arch, "shell")
			got, err := inGuest(t, m.arch, root, "bin/bash", "-c", script)
			if err != nil {
				t.Error(err)
			}
			if strings.TrimSpace(got) != strings.TrimSpace(want) {
				t.Errorf("in the guest:\n%s\non the host:\n%s", got, want)
			}
			oracle.Compared(family, "the host's bash", strings.Count(want, "\n"))
		})
	}
}

// ls complains of nothing: a file without extended attributes has none.
func TestListing(t *testing.T) {
	const family = "Debian's ls on our kernel"
	for _, m := range machines {
		t.Run(m.arch, func(t *testing.T) {
			root := debian(t, family, m.arch, "shell")
			got, err := inGuest(t, m.arch, root, "bin/bash", "-c", "ls -l /etc/passwd /bin/sh 2>&1")
			if err != nil || strings.Count(got, "\n") != 2 || strings.Contains(got, "ls:") {
				t.Errorf("ls -l prints %q (%v), not a line for each of two files", got, err)
			}
		})
	}
}

// Python's multiprocessing (fork, pipes, semaphores, shared memory, queues, pools) prints what it prints on Linux.
func TestPython(t *testing.T) {
	const family = "Debian's python3 on our kernel"
	script, err := os.ReadFile("testdata/multi.py")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range machines {
		t.Run(m.arch, func(t *testing.T) {
			root := debian(t, family, m.arch, "python")
			if err := os.WriteFile(filepath.Join(root, "root/multi.py"), script, 0o644); err != nil {
				t.Fatal(err)
			}
			if _, err := exec.LookPath(m.qemu); err != nil {
				oracle.Missing(t, family, m.qemu, err.Error())
			}
			python := filepath.Join(root, "usr/bin/python3.11")
			want, err := run(t, "", m.qemu, "-L", root, python, "testdata/multi.py")
			if err != nil {
				t.Fatal(err)
			}
			got, err := inGuest(t, m.arch, root, "usr/bin/python3.11", "/root/multi.py")
			if err != nil {
				t.Error(err)
			}
			if strings.TrimSpace(got) != strings.TrimSpace(want) {
				t.Errorf("in the guest:\n%s\nunder %s:\n%s", got, m.qemu, want)
			}
			oracle.Compared(family, m.qemu, strings.Count(want, "\n"))
		})
	}
}

// goTests are the names in testdata/gotests.txt by package, in the packages' order; the long ones only if asked for.
func goTests(t *testing.T) (packages []string, names map[string][]string) {
	t.Helper()
	b, err := os.ReadFile("testdata/gotests.txt")
	if err != nil {
		t.Fatal(err)
	}
	names = map[string][]string{}
	for line := range strings.Lines(string(b)) {
		words := strings.Fields(line)
		if len(words) < 2 || strings.HasPrefix(line, "#") || len(words) > 2 && !*long {
			continue
		}
		pkg, name := words[0], words[1]
		if !slices.Contains(packages, pkg) {
			packages = append(packages, pkg)
		}
		names[pkg] = append(names[pkg], name)
	}
	return packages, names
}

var passLine = regexp.MustCompile(`(?m)^--- PASS: (\w+)`)

// passed are the names that the output of a test binary says have passed.
func passed(output string) map[string]bool {
	names := map[string]bool{}
	for _, m := range passLine.FindAllStringSubmatch(output, -1) {
		names[m[1]] = true
	}
	return names
}

// testFlags run the named tests, in short mode.
func testFlags(names []string) []string {
	return []string{"-test.short", "-test.v", "-test.run", "^(" + strings.Join(names, "|") + ")$"}
}

// Go's own tests of what a program asks a kernel for: those of testdata/gotests.txt that pass on the host pass in the guest.
func TestGoTests(t *testing.T) {
	const family = "Go's own tests on our kernel"
	goroot, err := run(t, "", "go", "env", "GOROOT")
	if err != nil {
		t.Fatal(err)
	}
	src := filepath.Join(strings.TrimSpace(goroot), "src")
	packages, names := goTests(t)
	build := func(t *testing.T, goarch, pkg, out string) {
		t.Helper()
		cmd := exec.Command("go", "test", "-c", "-o", out, pkg)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+goarch)
		if b, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("go test -c %s for %s: %v\n%s", pkg, goarch, err, b)
		}
	}
	host := map[string]map[string]bool{}
	for _, pkg := range packages {
		bin := filepath.Join(t.TempDir(), "host.test")
		build(t, runtime.GOARCH, pkg, bin)
		out, _ := run(t, filepath.Join(src, pkg), bin, testFlags(names[pkg])...) // what fails there is asked of nobody
		if host[pkg] = passed(out); len(host[pkg]) == 0 {
			oracle.Missing(t, family, "the host's Linux", "no test of "+pkg+" passes on it")
		}
	}
	for _, m := range machines {
		for _, pkg := range packages {
			t.Run(pkg+"/"+m.arch, func(t *testing.T) {
				root := debian(t, family, m.arch, "shell")
				build(t, m.goarch, pkg, filepath.Join(root, "tests/pkg.test"))
				dir := filepath.Join(src, pkg)
				copySources(t, dir, filepath.Join(root, dir))
				copyFile(t, filepath.Join(src, "../lib/time/zoneinfo.zip"), filepath.Join(root, src, "../lib/time/zoneinfo.zip"))
				script := "cd " + dir + " && PATH=/bin HOME=/root USER=root exec /tests/pkg.test \"$@\""
				out, err := inGuest(t, m.arch, root, "bin/bash", append([]string{"-c", script, "bash"}, testFlags(names[pkg])...)...)
				got := passed(out)
				n := 0
				for name := range host[pkg] {
					if !got[name] {
						t.Errorf("%s does not pass", name)
					}
					n++
				}
				if t.Failed() {
					t.Logf("%v\n%s", err, tail(out, 200))
				}
				oracle.Compared(family, "the host's Linux", n)
			})
		}
	}
}

// copySources copies a package's directory; of subpackages only the names.
func copySources(t *testing.T, from, to string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(from, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		copyFile(t, f, filepath.Join(to, filepath.Base(f)))
	}
	entries, err := os.ReadDir(from)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.IsDir() {
			if err := os.MkdirAll(filepath.Join(to, e.Name()), 0o755); err != nil {
				t.Fatal(err)
			}
		}
	}
	if data := filepath.Join(from, "testdata"); exists(data) {
		if err := os.CopyFS(filepath.Join(to, "testdata"), os.DirFS(data)); err != nil {
			t.Fatal(err)
		}
	}
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	b, err := os.ReadFile(from)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(to), 0o755)
	}
	if err == nil {
		err = os.WriteFile(to, b, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// tail is the last n lines.
func tail(s string, n int) string {
	lines := strings.Split(s, "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
