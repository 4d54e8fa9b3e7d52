package machine

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"forkscope/machine/cpu"
	"forkscope/machine/cpu/arch"
	"forkscope/scripts/oracle"
)

// kernelFiles are the committed images of an architecture.
func kernelFiles(arch string) (kernel, initrd string) {
	return filepath.Join("..", "kernel", "image", "vmlinux-"+arch), filepath.Join("..", "guests", "image", "initramfs-"+arch+".cpio")
}

// bootKernel makes a machine that runs program from the initramfs.
func bootKernel(t *testing.T, arch, program string, out io.Writer) *Machine {
	t.Helper()
	return bootConfig(t, Config{Arch: arch, Cmdline: words(program), Console: out})
}

// bootConfig makes a machine with the kernel and the initramfs.
func bootConfig(t *testing.T, cfg Config) *Machine {
	t.Helper()
	kernel, initrd := kernelFiles(cfg.Arch)
	var err error
	if cfg.Kernel, err = os.ReadFile(kernel); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadFile(initrd)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Initrd = [][]byte{files}
	m, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

// line is something typed when the console shows a prompt (after the previous line's).
type line struct{ prompt, typed string }

// conversation is what is typed at the programs that read. Each line waits for the answer to the one before, so that the order on
// the console does not depend on speed.
func conversation(program string) []line {
	switch program {
	case "shell":
		return []line{{"$ ", "hello\n"}, {"$ ", "ls /etc | cat\n"}, {"$ ", "exit 3\n"}}
	case "cat":
		return []line{{"two returns.", "a line\n"}, {"a line\r\na line\r\n", "\x04"}}
	}
	return nil
}

// consoles is the family of comparisons of what programs of the guest print.
const consoles = "consoles of the guest's programs"

// words are the guest's command line for a program. What is typed to QEMU before the guest has set up its UART is lost; a file that cat
// prints first tells that it has.
func words(program string) string {
	if program == "cat" {
		program += " /etc/greeting /dev/console"
	}
	return "-- /bin/" + program
}

// testPatience bounds what hangs. How long anything takes depends on how busy the host is.
const testPatience = 4 * time.Minute

// prompter collects console output, and types when prompts appear.
type prompter struct {
	lines []line
	typed func(string)

	mu   sync.Mutex
	out  bytes.Buffer
	seen int // bytes of out up to the end of the last prompt
}

func (p *prompter) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.out.Write(b)
	if len(p.lines) == 0 {
		return len(b), nil
	}
	if at := strings.Index(p.out.String()[p.seen:], p.lines[0].prompt); at >= 0 {
		p.seen += at + len(p.lines[0].prompt)
		p.typed(p.lines[0].typed)
		p.lines = p.lines[1:]
	}
	return len(b), nil
}

func (p *prompter) text() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.ReplaceAll(p.out.String(), "\r\n", "\n")
}

// runOurs runs a program to the guest's power-off.
func runOurs(t *testing.T, arch, program string) (console string, status int) {
	t.Helper()
	p := &prompter{lines: conversation(program)}
	m := bootKernel(t, arch, program, p)
	p.typed = func(s string) { m.Input([]byte(s)) }
	watchdog := time.AfterFunc(testPatience, m.RequestStop)
	defer watchdog.Stop()
	s := m.Run(cpu.UntilTime(20_000_000_000))
	if s.Reason != PowerOff {
		t.Fatalf("%s at %d; console:\n%s", s.Message(), m.Clock().Now(), p.text())
	}
	return p.text(), s.Status
}

// runQEMU runs the same images there. Its status is known on the PCs only: isa-debug-exit gives twice the value plus one.
func runQEMU(t *testing.T, arch, program string) (console string, status int) {
	t.Helper()
	kernel, initrd := kernelFiles(arch)
	name, args := "qemu-system-i386", []string{"-device", "isa-debug-exit,iobase=0x501"}
	if arch == "x86_64" {
		name, args = "qemu-system-x86_64", append(args, "-cpu", "max")
	}
	if arch == "arm64" { // there a device tree comes with an Image only
		kernel = filepath.Join("..", "kernel", "image", "Image-arm64")
		name, args = "qemu-system-aarch64", []string{"-M", "virt,gic-version=2", "-cpu", "cortex-a53"}
	}
	if _, err := exec.LookPath(name); err != nil {
		oracle.Missing(t, consoles, name, name+" is not installed")
	}
	ctx, cancel := context.WithTimeout(context.Background(), testPatience)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, append(args, "-m", strconv.Itoa(DefaultMemory>>20), "-kernel", kernel, "-initrd", initrd,
		"-append", words(program), "-display", "none", "-monitor", "none", "-serial", "stdio", "-no-reboot")...)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	p := &prompter{lines: conversation(program), typed: func(s string) {
		go io.WriteString(stdin, s)
	}}
	cmd.Stdout = p
	err = cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) || ctx.Err() != nil {
		t.Fatalf("%s: %v; console:\n%s", name, err, p.text())
	}
	return p.text(), cmd.ProcessState.ExitCode() >> 1
}

// TestImageAndELFAreTheSameKernel boots the arm64 kernel in both its forms: the whole run is the same.
func TestImageAndELFAreTheSameKernel(t *testing.T) {
	digest := func(file string) (string, Stop) {
		kernel, err := os.ReadFile(filepath.Join("..", "kernel", "image", file))
		if err != nil {
			t.Fatal(err)
		}
		_, initrdFile := kernelFiles("arm64")
		initrd, err := os.ReadFile(initrdFile)
		if err != nil {
			t.Fatal(err)
		}
		m, err := New(Config{Arch: "arm64", Kernel: kernel, Initrd: [][]byte{initrd}})
		if err != nil {
			t.Fatal(err)
		}
		defer m.Close()
		s := m.Run(cpu.UntilTime(100_000_000))
		return m.Digest(), s
	}
	elf, elfStop := digest("vmlinux-arm64")
	image, imageStop := digest("Image-arm64")
	if elf != image || elfStop != imageStop || elfStop.Reason != PowerOff {
		t.Errorf("ELF %.8s %+v, Image %.8s %+v", elf, elfStop, image, imageStop)
	}
}

// programs lists /bin of an initramfs, from the names in the archive (cpio newc).
func programs(t *testing.T, arch string) []string {
	t.Helper()
	_, initrd := kernelFiles(arch)
	p, err := os.ReadFile(initrd)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	field := func(i int) int {
		v, err := strconv.ParseUint(string(p[6+8*i:14+8*i]), 16, 32)
		if err != nil {
			t.Fatalf("%s: %v", initrd, err)
		}
		return int(v)
	}
	for len(p) > 110 && string(p[:6]) == "070701" {
		nameSize, fileSize := field(11), field(6)
		name, _, _ := strings.Cut(string(p[110:110+nameSize]), "\x00")
		if name == "TRAILER!!!" {
			break
		}
		if program, ok := strings.CutPrefix(name, "bin/"); ok {
			names = append(names, program)
		}
		p = p[(110+nameSize+3)&^3+(fileSize+3)&^3:]
	}
	if len(names) < 5 {
		t.Fatalf("%s: programs %q: too few to be true", initrd, names)
	}
	return names
}

// TestConsoleAgreesWithQEMU runs every program of the initramfs on both emulators and compares what is on the console, and the exit
// status where QEMU tells it.
func TestConsoleAgreesWithQEMU(t *testing.T) {
	for _, arch := range arch.Names() {
		for _, program := range programs(t, arch) {
			switch program {
			case "counters":
				continue // prints which processes have got on within a time, which on QEMU depends on the host
			case "shstk64":
				continue // QEMU 7 has no shadow stacks; TestShadowStacks of package kernel asks Bochs
			}
			t.Run(arch+"/"+program, func(t *testing.T) {
				want, wantStatus := runQEMU(t, arch, program)
				got, status := runOurs(t, arch, program)
				oracle.Compared(consoles, "qemu-system-"+map[string]string{"i386": "i386", "arm64": "aarch64", "x86_64": "x86_64"}[arch], 1)
				if got != want {
					t.Errorf("console:\n%s\nQEMU:\n%s", got, want)
				}
				if arch != "arm64" && status&0x7f != wantStatus { // the doubled status loses a bit
					t.Errorf("status %d, QEMU %d", status, wantStatus)
				}
			})
		}
	}
}

// TestKernelRunsRepeat runs the shell with the same input whole, in slices and with stops, and compares digests on the way.
func TestKernelRunsRepeat(t *testing.T) {
	for _, arch := range arch.Names() {
		t.Run(arch, func(t *testing.T) {
			const step, steps = 1_500_000, 6
			run := func(slice uint64) (digests []string) {
				m := bootKernel(t, arch, "shell", io.Discard)
				typeAt(m, 3_000_001, "hello\n")
				typeAt(m, 6_111_111, "cow\n")
				typeAt(m, step*steps+1, "exit\n") // keeps time going to the end
				for i := range uint64(steps) {
					end := (i + 1) * step
					for m.Clock().Now() < end {
						if s := m.Run(cpu.UntilTime(min(end, m.Clock().Now()+slice))); s.Reason != Limit {
							t.Fatalf("%+v", s)
						}
					}
					digests = append(digests, m.Digest())
				}
				return digests
			}
			want := run(step)
			for _, slice := range []uint64{step, 333_331, 1009} {
				for i, d := range run(slice) {
					if d != want[i] {
						t.Errorf("in slices of %d, digest %.8s at %d; in one piece %.8s", slice, d, (i+1)*step, want[i])
						break
					}
				}
			}
		})
	}
}

// growing is console output that tells when there is more of it.
type growing struct {
	bytes.Buffer
	grown chan struct{}
}

func (g *growing) Write(p []byte) (int, error) {
	select {
	case g.grown <- struct{}{}:
	default:
	}
	return g.Buffer.Write(p)
}

// TestLiveTypingIsRepeatedByItsLog types at a busy shell at moments the host chooses, then repeats the run from its log of inputs.
func TestLiveTypingIsRepeatedByItsLog(t *testing.T) {
	for _, arch := range arch.Names() {
		t.Run(arch, func(t *testing.T) {
			out := &growing{grown: make(chan struct{}, 1)}
			m := bootKernel(t, arch, "shell", out)
			go func() {
				for _, b := range []byte("forkloop 100\nthreads\nforkloop 50 | cat\nexit 9\n") {
					m.Input([]byte{b})
					select { // the next one at another moment: once anything has been printed
					case <-out.grown:
					case <-time.After(time.Minute):
					}
				}
			}()
			live := m.Run(cpu.UntilTime(20_000_000_000))
			if live.Reason != PowerOff || live.Status != 9 {
				t.Fatalf("%+v; console:\n%s", live, out.String())
			}
			if m.Log().Len() < 10 {
				t.Fatalf("%d inputs: the typing was not spread over the run", m.Log().Len())
			}
			var out2 bytes.Buffer
			again := bootKernel(t, arch, "shell", &out2)
			again.Replay(m.Log())
			if s := again.Run(cpu.UntilTime(20_000_000_000)); s != live {
				t.Errorf("replay: %+v, live: %+v", s, live)
			}
			if out.String() != out2.String() {
				t.Errorf("live console:\n%s\nreplay:\n%s", out.String(), out2.String())
			}
			if a, b := again.Clock().Now(), m.Clock().Now(); a != b || again.Digest() != m.Digest() {
				t.Errorf("replay ended at %d, live at %d", a, b)
			}
		})
	}
}

// BenchmarkStep is one instruction at a time through the whole run loop, as a debugger's stepi goes.
func BenchmarkStep(b *testing.B) {
	kernel, initrd := kernelFiles("arm64")
	cfg := Config{Arch: "arm64"}
	var err error
	if cfg.Kernel, err = os.ReadFile(kernel); err != nil {
		b.Fatal(err)
	}
	files, err := os.ReadFile(initrd)
	if err != nil {
		b.Fatal(err)
	}
	cfg.Initrd = [][]byte{files}
	m, err := New(cfg)
	if err != nil {
		b.Fatal(err)
	}
	defer m.Close()
	for b.Loop() {
		if s := m.Run(cpu.UntilTime(m.Clock().After(1))); s.Reason != Limit {
			b.Fatalf("%+v", s)
		}
	}
}
