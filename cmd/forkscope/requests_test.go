package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"forkscope/guests"
	"forkscope/kernel"
	"forkscope/machine"
	"forkscope/machine/cpu"
	"forkscope/machine/cpu/arch"
	view "forkscope/machine/debug"

	"github.com/sirupsen/logrus"
)

// newServed is a guest with the port for further programs, whose first program is one of the built-in ones.
func newServed(t *testing.T, arch, program string, args ...string) (g *guest, out *bytes.Buffer) {
	out = &bytes.Buffer{}
	g = &guest{host: true, words: []string{"wait-for-all", "plain-console"}}
	g.config = machine.Config{Arch: arch, Cmdline: "quiet", Console: out, IdleToLimit: true, Log: logrus.NewEntry(logrus.New())}
	var err error
	if g.kernel, err = kernel.Image(arch); err != nil {
		t.Fatal(err)
	}
	g.config.Kernel = g.kernel
	initrd, err := guests.Initramfs(arch)
	if err != nil {
		t.Fatal(err)
	}
	if err := g.takeRoot(""); err != nil {
		t.Fatal(err)
	}
	if err := g.fill(initrd); err != nil {
		t.Fatal(err)
	}
	g.takeRequests()
	if err := g.ready(nil, program, args); err != nil {
		t.Fatal(err)
	}
	if _, err := g.boot(g.first); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.close)
	return g, out
}

// awaitText runs the guest until it has printed something.
func awaitText(t *testing.T, g *guest, out *bytes.Buffer, text string) {
	t.Helper()
	m, start := g.machine(), time.Now()
	for !strings.Contains(out.String(), text) {
		// What the guest waits for comes at the host's speed; its own time may go as it likes.
		if stop := m.Run(cpu.UntilTime(m.Clock().Now() + 100_000)); stop.Reason.Final() || time.Since(start) > patience {
			t.Fatalf("the guest has not printed %q: %v: %q", text, stop.Message(), out)
		}
	}
}

// TestSpawn: programs that are asked for run beside the one that lives, those of the host with what they need, and the guest ends with the last.
func TestSpawn(t *testing.T) {
	for _, arch := range arch.Names() {
		t.Run(arch, func(t *testing.T) {
			g, out := newServed(t, arch, "shell")
			awaitText(t, g, out, "$ ")

			if err := g.spawn(&view.Start{Path: "/bin/hello"}); err != nil {
				t.Fatal(err)
			}
			awaitText(t, g, out, "hello, world\n")

			// One that has to be sent, with its loader and libraries, which are larger than the stream's pieces, and with arguments, a directory and an environment of its own.
			dir, err := filepath.EvalSymlinks(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			program := filepath.Join(dir, "further")
			if b, err := exec.Command(need(t, crossCompiler[arch]), "-g", "-o", program, "testdata/requests/further.c").CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, b)
			}
			want := view.Start{Path: program, Args: []string{"a b", ""}, Env: []string{"FURTHER=yes"}, Dir: dir}
			for range 2 { // the second time its file is there
				out.Reset()
				if err := g.spawn(&want); err != nil {
					t.Fatal(err)
				}
				if want.Path != program {
					t.Errorf("in the guest it is %s", want.Path)
				}
				awaitText(t, g, out, "further: 3 \"a b\" \"\" yes "+dir+"\n")
			}
			if err := os.Remove(program); err != nil {
				t.Fatal(err)
			}
			if err := g.spawn(&view.Start{Path: program}); err == nil || !strings.Contains(err.Error(), "further") {
				t.Errorf("a program that is gone: %v", err)
			}

			g.machine().Input([]byte("exit 7\n"))
			if stop := g.machine().Run(&cpu.NoOrders); stop.Reason != machine.PowerOff || stop.Status != 7 {
				t.Errorf("the end: %+v, %q", stop, out)
			}
		})
	}
}

// TestSpawnNowhere: a guest whose init is not ours says so.
func TestSpawnNowhere(t *testing.T) {
	if err := (&guest{}).spawn(&view.Start{Path: "/bin/hello"}); err != errNoRequests {
		t.Error(err)
	}
}

// TestProgramChoosesMachine: what is run when nothing lives decides what the next machine is, unless the user has said it, and then runs there.
func TestProgramChoosesMachine(t *testing.T) {
	programs := make(map[string]string)
	for arch := range crossCompiler {
		programs[arch] = compile(t, arch, "testdata/requests/further.c")
	}
	g, out := newServed(t, "arm64", "hello")
	if _, err := g.again(&view.Start{Path: programs["i386"]}); err == nil || !strings.Contains(err.Error(), "a program for i386, and this machine is arm64") {
		t.Errorf("where --arch is given: %v", err)
	}
	g.follows = true
	if err := g.spawn(&view.Start{Path: programs["i386"]}); err == nil || !strings.Contains(err.Error(), "other programs live on this machine, which is arm64") {
		t.Errorf("beside others: %v", err)
	}
	for i, arch := range []string{"i386", "arm64", "arm64", "i386"} {
		want := view.Start{Path: programs[arch], Dir: "/"}
		m, err := g.again(&want)
		if err != nil {
			t.Fatal(err)
		}
		if changed := i != 2; m.Arch().Name != arch || (want.Image != nil) != changed {
			t.Errorf("run %d: a machine %s, image %v", i, m.Arch(), want.Image)
		}
		out.Reset()
		if stop := m.Run(&cpu.NoOrders); stop.Reason != machine.PowerOff || stop.Status != 0 || !strings.Contains(out.String(), "further: 1 (none) /\n") {
			t.Errorf("run %d, on %s: %+v, %q", i, arch, stop, out)
		}
		if _, err := g.files.tree.Open("boot/vmlinux-" + arch); err != nil {
			t.Error(err)
		}
	}
}
