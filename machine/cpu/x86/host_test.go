package x86

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
)

// The host's own processor is the oracle for x87, MMX, SSE and the integer instructions that 64-bit mode has in common with 32-bit mode
// (encode64_test.go): testdata/host/harness.c runs the same bytes with the same registers and memory. It needs nothing of the host but a
// 64-bit Linux process, so that every x86-64 host gives the same comparisons, whether or not its kernel runs 32-bit programs.

const hostName = "host processor"

var host struct {
	once sync.Once
	path string
	why  string // it is not there
}

// hostReady builds the harness once and says why the host cannot be asked, or nothing.
func hostReady(t testing.TB) string {
	host.once.Do(func() {
		if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
			host.why = "the host is no x86-64 processor under Linux"
			return
		}
		cc, err := exec.LookPath("gcc")
		if err != nil {
			host.why = "gcc is not installed (scripts/setup installs it)"
			return
		}
		dir, err := os.MkdirTemp("", "host")
		if err != nil {
			t.Fatal(err)
		}
		host.path = filepath.Join(dir, "harness")
		if text, err := exec.Command(cc, "-O1", "-fPIE", "-pie", "-o", host.path, filepath.Join("testdata", "host", "harness.c")).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", cc, err, text)
		}
	})
	return host.why
}

func TestMain(m *testing.M) {
	code := m.Run()
	if host.path != "" {
		os.RemoveAll(filepath.Dir(host.path))
	}
	if bochs.dir != "" {
		os.RemoveAll(bochs.dir)
	}
	os.Exit(code)
}

// hostInput is a case of 64-bit mode and hostOutput what became of it. Both have the layout of the structures in harness.c.
type hostInput struct {
	Regs    [16]uint64
	RFLAGS  uint64
	CodeLen uint64
	FX      [512]byte
	Code    [nativeCodeMax]byte
	Window  [nativeWindow]byte
}

type hostOutput struct {
	Regs   [16]uint64
	RFLAGS uint64
	RIP    uint64 // offset in the code
	Trap   uint64 // vector plus 1, or 0 at the end of the code; 256 when it did not end
	Error  uint64
	CR2    uint64
	FX     [512]byte
	Window [nativeWindow]byte
}

// runHost runs 32-bit cases on the host. Their code must be for 64-bit mode, and leave the upper halves of the registers zero.
func runHost(t testing.TB, cases []*nativeCase) []nativeResult {
	t.Helper()
	inputs := make([]*hostInput, len(cases))
	for i, c := range cases {
		in := &hostInput{RFLAGS: uint64(c.EFLAGS), CodeLen: uint64(c.CodeLen), FX: c.FX, Code: c.Code, Window: c.Window}
		for k, v := range c.Regs {
			in.Regs[k] = uint64(v)
		}
		inputs[i] = in
	}
	results := make([]nativeResult, len(cases))
	for i, out := range runHost64(t, inputs) {
		r := &results[i]
		*r = nativeResult{EFLAGS: uint32(out.RFLAGS), EIP: uint32(out.RIP), Trap: uint32(out.Trap), Error: uint32(out.Error), CR2: uint32(out.CR2),
			FX: out.FX, Window: out.Window}
		for k := range r.Regs {
			if r.Regs[k] = uint32(out.Regs[k]); out.Regs[k]>>32 != 0 {
				t.Fatalf("case %d (% x): register %d is %#x: this code is not for 64-bit mode", i, cases[i].Code[:cases[i].CodeLen], k, out.Regs[k])
			}
		}
	}
	return results
}

// runHost64 runs cases on the host.
func runHost64(t testing.TB, cases []*hostInput) []hostOutput {
	t.Helper()
	if why := hostReady(t); why != "" {
		t.Fatal(why)
	}
	cmd := exec.Command(host.path)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		w := bufio.NewWriterSize(in, 1<<16)
		var buf []byte
		for _, c := range cases {
			buf, _ = binary.Append(buf[:0], binary.LittleEndian, c)
			w.Write(buf)
		}
		w.Flush()
		in.Close()
	}()
	r := bufio.NewReaderSize(out, 1<<16)
	results := make([]hostOutput, len(cases))
	buf := make([]byte, binary.Size(hostOutput{}))
	for i := range results {
		if _, err := io.ReadFull(r, buf); err != nil {
			t.Fatalf("the harness stopped at case %d (% x): %v %s", i, cases[i].Code[:cases[i].CodeLen], errors.Join(err, cmd.Wait()), &stderr)
		}
		if _, err := binary.Decode(buf, binary.LittleEndian, &results[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Fatalf("the harness: %v %s", err, &stderr)
	}
	return results
}
