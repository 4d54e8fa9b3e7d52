package machine

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/u-root/u-root/pkg/cpio"

	"forkscope/machine/clock"
	"forkscope/machine/cpu"
	"forkscope/machine/cpu/arch"
	"forkscope/machine/timeline"
	"forkscope/scripts/oracle"
)

// bootStreams makes a machine whose program, which the initramfs has, gets its standard streams from the host; nil ones are the guest's null device.
func bootStreams(t *testing.T, arch, program string, in *Input, out, err *Output) *Machine {
	t.Helper()
	kernel, initrd := kernelFiles(arch)
	cfg := Config{Arch: arch, Cmdline: "quiet -- /bin/" + program}
	var e error
	if cfg.Kernel, e = os.ReadFile(kernel); e != nil {
		t.Fatal(e)
	}
	files, e := os.ReadFile(initrd)
	if e != nil {
		t.Fatal(e)
	}
	options := ""
	for _, s := range []Stream{{Name: "stdin", In: in}, {Name: "stdout", Out: out}, {Name: "stderr", Out: err}} {
		file := "/dev/null"
		if s.In != nil || s.Out != nil {
			file = "/dev/vport0p" + string(rune('0'+len(cfg.Streams)))
			cfg.Streams = append(cfg.Streams, s)
		}
		options += s.Name + "=" + file + "\x00"
	}
	cfg.Initrd = [][]byte{files, initOptions(t, options)}
	m, e := New(cfg)
	if e != nil {
		t.Fatal(e)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

// initOptions is an archive of init's options, each ended by a NUL.
func initOptions(t *testing.T, options string) []byte {
	t.Helper()
	var archive bytes.Buffer
	w := cpio.Newc.Writer(&archive)
	record := cpio.StaticFile("etc/init.options", options, 0o644)
	record.Ino = 1 << 20 // no other archive's file has it: it would be a hard link
	if err := w.WriteRecord(record); err != nil {
		t.Fatal(err)
	}
	if err := cpio.WriteTrailer(w); err != nil {
		t.Fatal(err)
	}
	return archive.Bytes()
}

// random is n bytes that look like anything, with all values.
func random(n int) []byte {
	b := make([]byte, n)
	x := uint32(1)
	for i := range b {
		x = x*1664525 + 1013904223
		b[i] = byte(x >> 24)
	}
	return b
}

func bothArchitectures(t *testing.T, test func(t *testing.T, arch string)) {
	for _, arch := range arch.Names() {
		t.Run(arch, func(t *testing.T) { test(t, arch) })
	}
}

// TestSameFileSameRun: a file that is read and written is no host timing. Whatever the pieces the run is cut into, it is bit for bit the same.
func TestSameFileSameRun(t *testing.T) {
	data := random(300_000)
	bothArchitectures(t, func(t *testing.T, arch string) {
		run := func(slice uint64) (string, []byte, uint64) {
			var out bytes.Buffer
			m := bootStreams(t, arch, "cat", NewInput(bytes.NewReader(data), true), NewOutput(&out, true, nil), nil)
			s := Stop{}
			for s = m.Run(cpu.UntilTime(slice)); s.Reason == Limit; s = m.Run(cpu.UntilTime(m.Clock().Now() + slice)) {
			}
			if s.Reason != PowerOff || s.Status != 0 {
				t.Fatalf("%+v", s)
			}
			if m.Log().Len() != 0 {
				t.Errorf("in the log: %v", effects(m))
			}
			return m.Digest(), out.Bytes(), m.Clock().Now()
		}
		digest, out, now := run(clock.Never - 1<<40)
		if !bytes.Equal(out, data) {
			t.Errorf("%d bytes came of %d", len(out), len(data))
		}
		t.Logf("%d counts", now)
		for _, slice := range []uint64{1_000_003, 77_777} {
			if d, o, n := run(slice); d != digest || !bytes.Equal(o, data) || n != now {
				t.Errorf("in slices of %d: digest %.8s at %d, in one piece %.8s at %d", slice, d, n, digest, now)
			}
		}
	})
}

// TestPipeIsRepeatedByItsLog: what comes by a pipe is logged with its count, and so are its end and what becomes of the output; a machine with that log and nobody
// at its pipe repeats the run.
func TestPipeIsRepeatedByItsLog(t *testing.T) {
	data := random(3 * 1 << 20) // more than a port lets the host be behind
	bothArchitectures(t, func(t *testing.T, arch string) {
		r, w := io.Pipe()
		go func() {
			for at := 0; at < len(data); at += 7_777 {
				w.Write(data[at:min(at+7_777, len(data))])
			}
			w.Close()
		}()
		var out bytes.Buffer
		late := lateWriter{open: make(chan struct{})}
		o := NewOutput(&out, false, nil)
		m := bootStreams(t, arch, "cat", NewInput(r, false), o, nil)
		live := m.Run(cpu.UntilTime(clock.Never))
		o.Flush(context.Background())
		if live.Reason != PowerOff || live.Status != 0 || !bytes.Equal(out.Bytes(), data) {
			t.Fatalf("%+v, %d bytes of %d", live, out.Len(), len(data))
		}
		bytesCame, ends := 0, 0
		for _, in := range effects(m) {
			switch in.Source {
			case "stdin" + streamBytes:
				bytesCame += len(in.Data)
			case "stdin" + streamEnd:
				ends++
			}
		}
		if bytesCame != len(data) || ends != 1 {
			t.Errorf("the log has %d bytes and %d ends", bytesCame, ends)
		}
		// The first half from the log, the rest from the host.
		half := effects(m)[:m.Log().Len()/2]
		var begun timeline.Log
		came := 0
		for _, in := range half {
			begun.Add(in)
			if in.Source == "stdin"+streamBytes {
				came += len(in.Data)
			}
		}
		var continued bytes.Buffer
		o1 := NewOutput(&continued, false, nil)
		m1 := bootStreams(t, arch, "cat", NewInput(bytes.NewReader(data[came:]), false), o1, nil)
		m1.Replay(&begun)
		if s := m1.Run(cpu.UntilTime(clock.Never)); s.Reason != PowerOff || s.Status != 0 {
			t.Errorf("%+v", s)
		}
		if o1.Flush(context.Background()); !bytes.Equal(continued.Bytes(), data) {
			t.Errorf("%d bytes after half a log of %d", continued.Len(), len(half))
		}
		silent, _ := io.Pipe()
		o2 := NewOutput(&late, false, nil)
		m2 := bootStreams(t, arch, "cat", NewInput(silent, false), o2, nil)
		m2.Replay(m.Log())
		stop := m2.Run(cpu.UntilTime(clock.Never))
		if stop != live || m2.Digest() != m.Digest() || m2.Clock().Now() != m.Clock().Now() {
			t.Errorf("replay %+v at %d, live %+v at %d", stop, m2.Clock().Now(), live, m.Clock().Now())
		}
		close(late.open)
		if o2.Flush(context.Background()); !bytes.Equal(late.Bytes(), data) {
			t.Errorf("replay: %d bytes", late.Len())
		}
	})
}

// lateWriter takes nothing until it is open.
type lateWriter struct {
	bytes.Buffer
	open chan struct{}
}

func (w *lateWriter) Write(p []byte) (int, error) {
	<-w.open
	return w.Buffer.Write(p)
}

// stuck is a writer that nobody reads from until it is closed.
type stuck struct{ closed chan struct{} }

func (s stuck) Write([]byte) (int, error) {
	<-s.closed
	return 0, syscall.EPIPE
}

// TestFullOutputHoldsOnlyItsWriter: the guest goes on, a debugger's request is heard, and a reader that is gone ends the writer by SIGPIPE.
func TestFullOutputHoldsOnlyItsWriter(t *testing.T) {
	bothArchitectures(t, func(t *testing.T, arch string) {
		to := stuck{make(chan struct{})}
		m := bootStreams(t, arch, "cat", NewInput(zeros{}, true), NewOutput(to, false, nil), nil)
		// It fills what the port lets it be ahead, and waits.
		for stopped := false; !stopped || !m.streams.awaitHost(); stopped = true {
			time.AfterFunc(10*time.Millisecond, m.RequestStop)
			if s := m.Run(cpu.UntilTime(clock.Never)); s.Reason != Requested {
				t.Fatalf("%+v", s)
			}
		}
		close(to.closed)
		if s := m.Run(cpu.UntilTime(clock.Never)); s.Reason != PowerOff || s.Status != 128+int(syscall.SIGPIPE) {
			t.Errorf("%+v", s)
		}
	})
}

// zeros is an endless file.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// TestInputIsPulled: the host's input is read as far as the guest reads it, and no further.
func TestInputIsPulled(t *testing.T) {
	bothArchitectures(t, func(t *testing.T, arch string) {
		for _, atOnce := range []bool{true, false} {
			in := strings.NewReader("what nobody reads")
			m := bootStreams(t, arch, "hello", NewInput(in, atOnce), nil, nil)
			if s := m.Run(cpu.UntilTime(clock.Never)); s.Reason != PowerOff || s.Status != 0 {
				t.Fatalf("%+v", s)
			}
			if in.Len() != int(in.Size()) {
				t.Errorf("%d bytes were read that the program has not asked for", int(in.Size())-in.Len())
			}
		}
	})
}

// TestOutputFails: an error other than that nobody reads is reported, once, and ends the writer.
func TestOutputFails(t *testing.T) {
	bothArchitectures(t, func(t *testing.T, arch string) {
		for _, atOnce := range []bool{true, false} {
			var reported []error
			out := NewOutput(full{}, atOnce, func(err error) { reported = append(reported, err) })
			m := bootStreams(t, arch, "cat", NewInput(zeros{}, true), out, nil)
			if s := m.Run(cpu.UntilTime(clock.Never)); s.Reason != PowerOff || s.Status != 128+int(syscall.SIGPIPE) {
				t.Errorf("%+v", s)
			}
			if len(reported) != 1 || !errors.Is(reported[0], syscall.ENOSPC) {
				t.Errorf("reported: %v", reported)
			}
		}
	})
}

// full is a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, syscall.ENOSPC }

// TestOutputsShareOrder: two ports with one output are in the order of the guest's writes.
func TestOutputsShareOrder(t *testing.T) {
	var got bytes.Buffer
	o := NewOutput(&got, false, nil)
	want := ""
	for i := range 1000 {
		key := i % 2
		text := strings.Repeat(string(rune('a'+i%26)), i%7)
		want += text
		o.put([]byte(text), sender{key, func(int) {}, func(error) {}})
	}
	o.Flush(context.Background())
	if got.String() != want {
		t.Error("out of order")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	slow := NewOutput(stuck{make(chan struct{})}, false, nil)
	slow.put([]byte("x"), sender{0, func(int) {}, func(error) {}})
	slow.Flush(ctx) // returns
}

// TestDriverOnQEMU runs our kernel's driver with QEMU's own virtio console, which pushes its input, answers from another thread, and numbers its
// ports from 1: what passes is the same, and the end of the input is found.
func TestDriverOnQEMU(t *testing.T) {
	const family = "virtio console"
	emulator, err := exec.LookPath("qemu-system-aarch64")
	if err != nil {
		oracle.Missing(t, family, "qemu-system", "qemu-system-aarch64 is not installed (scripts/setup installs it)")
	}
	dir := t.TempDir()
	initrd, err := os.ReadFile(filepath.Join("..", "guests", "image", "initramfs-arm64.cpio"))
	if err != nil {
		t.Fatal(err)
	}
	initrd = append(initrd, make([]byte, -len(initrd)&3)...) // an archive begins at a multiple of four
	initrd = append(initrd, initOptions(t, "stdin=/dev/vport0p1\x00stdout=/dev/vport0p2\x00stderr=/dev/vport0p2\x00")...)
	files := filepath.Join(dir, "initrd")
	if err := os.WriteFile(files, initrd, 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", filepath.Join(dir, "in"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, emulator, "-M", "virt,gic-version=2", "-cpu", "cortex-a53", "-m", "64", "-display", "none", "-monitor", "none",
		"-serial", "none", "-no-reboot", "-global", "virtio-mmio.force-legacy=false", "-device", "virtio-serial-device,max_ports=4",
		"-chardev", "socket,id=in,path="+filepath.Join(dir, "in"), "-device", "virtserialport,chardev=in,nr=1",
		"-chardev", "stdio,id=out,signal=off", "-device", "virtserialport,chardev=out,nr=2",
		"-kernel", filepath.Join("..", "kernel", "image", "Image-arm64"), "-initrd", files, "-append", "quiet -- /bin/cat")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	context.AfterFunc(ctx, func() { l.Close() })
	in, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	data := random(1_000_000)
	go in.Write(data)
	got := make([]byte, len(data))
	if n, err := io.ReadFull(out, got); err != nil || !bytes.Equal(got, data) {
		t.Errorf("%d bytes: %v", n, err)
	}
	in.Close() // QEMU forgets what it has not yet passed on
	rest, _ := io.ReadAll(out)
	if err := cmd.Wait(); err != nil || len(rest) > 0 {
		t.Errorf("%v, and %q", err, rest)
	}
	oracle.Compared(family, "qemu-system", 1)
}

// TestStreamsOfALoadedState saves a program that waits since the host has not taken what it has written, and loads the state into a machine with streams of
// its own: what was written until then comes out of the first machine's stream, the rest out of the second's.
func TestStreamsOfALoadedState(t *testing.T) {
	data := random(3 << 20)
	bothArchitectures(t, func(t *testing.T, arch string) {
		in := bytes.NewReader(data)
		late := &lateWriter{open: make(chan struct{})}
		o := NewOutput(late, false, nil)
		m := bootStreams(t, arch, "cat", NewInput(in, true), o, nil)
		m.idleToLimit = true // with no event to come Run would wait for the host
		for !m.streams.awaitHost() {
			if s := m.Run(cpu.UntilTime(m.Clock().After(1_000_000))); s.Reason != Limit {
				t.Fatalf("%+v", s)
			}
		}
		var file bytes.Buffer
		if err := m.Save(&file); err != nil {
			t.Fatal(err)
		}
		close(late.open)
		o.Flush(context.Background())
		if n := late.Len(); n < 1<<20 || n == len(data) {
			t.Fatalf("%d bytes were written until the program had to wait", n)
		}

		var rest bytes.Buffer
		o2 := NewOutput(&rest, false, nil)
		again := bootStreams(t, arch, "cat", NewInput(bytes.NewReader(data[len(data)-in.Len():]), true), o2, nil)
		if err := again.Load(&file); err != nil {
			t.Fatal(err)
		}
		if s := again.Run(cpu.UntilTime(clock.Never)); s.Reason != PowerOff || s.Status != 0 {
			t.Fatalf("%+v", s)
		}
		o2.Flush(context.Background())
		if got := append(late.Bytes(), rest.Bytes()...); !bytes.Equal(got, data) {
			t.Errorf("%d and %d bytes came of %d, or others", late.Len(), rest.Len(), len(data))
		}
	})
}
