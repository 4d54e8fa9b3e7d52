package x86

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// Bochs is the oracle for what needs 32-bit mode: segments with limits, 16-bit code, the stack, and the instructions that 64-bit mode lacks
// or defines anew. testdata/bochs/monitor.c runs the cases there on bare metal, with the very tables of userMachine: Bochs starts with
// copies of files in its memory, and its debugger writes the results to one.

const bochsName = "Bochs"

// Physical memory of the monitor, beside that of userMachine.
const (
	bochsMonitor = 0x100000
	bochsCases   = 0x1000000
	bochsResults = 0x2000000
	bochsMB      = 64
	bochsBatch   = 6000 // cases that fit
)

var bochs struct {
	once sync.Once
	dir  string // with rom, monitor and low, which are the same in each run
	why  string // it is not there
}

// bochsReady builds the monitor once and says why Bochs cannot be asked, or nothing.
func bochsReady(t testing.TB) string {
	bochs.once.Do(func() {
		if _, err := exec.LookPath("bochs"); err != nil {
			bochs.why = "bochs is not installed (scripts/setup installs it)"
			return
		}
		if why := noCompiler(); why != "" {
			bochs.why = why
			return
		}
		dir, err := os.MkdirTemp("", "bochs")
		if err != nil {
			t.Fatal(err)
		}
		bochs.dir = dir
		write := func(name string, p []byte) {
			if err := os.WriteFile(filepath.Join(dir, name), p, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		source := func(name string) string {
			p, err := os.ReadFile(filepath.Join("testdata", "bochs", name))
			if err != nil {
				t.Fatal(err)
			}
			return string(p)
		}
		monitor := assembleFiles(t, kernelBase+bochsMonitor, []string{"-O1"},
			map[string]string{"a.S": source("monitor.S"), "b.c": source("monitor.c")})
		write("rom", assembleFiles(t, 0, nil, map[string]string{"a.S": source("rom.S")}))
		write("monitor", monitor)
		write("low", bochsTables(t))
		write("rc", fmt.Appendf(nil, `
display_library: term
romimage: file=rom, address=0xffff0000
vga: extension=none
megs: %d
cpu: model=corei5_lynnfield_750, count=1, reset_on_triple_fault=0
clock: sync=none
optramimage1: file=low, address=0
optramimage2: file=monitor, address=%#x
log: log
panic: action=fatal
error: action=report
info: action=ignore
`, bochsMB, bochsMonitor))
	})
	return bochs.why
}

// bochsTables is the memory that userMachine prepares, with what the monitor needs: its own memory mapped, and stubs that lead to it.
func bochsTables(t testing.TB) []byte {
	p := make([]byte, physCode)
	userMachine(t).ram.Read(0, p)
	put := binary.LittleEndian.PutUint32
	const present, large = ptePresent | pteWrite, 0x80
	for i := range uint32(1024) {
		put(p[physTables+4*i:], i<<12|present)
	}
	for i := uint32(1); i < bochsMB/4; i++ {
		put(p[physPageDir+(kernelBase>>22+i)*4:], i<<22|present|large)
	}
	for v := range uint32(256) { // push vector; jmp to the monitor's second entry
		stub := p[physStubs+16*v:]
		stub[0], stub[5] = 0x68, 0xe9
		put(stub[1:], v)
		put(stub[6:], bochsMonitor+16-(physStubs+16*v+10))
	}
	return p
}

// runBochs runs the cases under Bochs.
func runBochs(t testing.TB, cases []*nativeCase) []nativeResult {
	t.Helper()
	var all []nativeResult
	for len(cases) > 0 {
		n := min(len(cases), bochsBatch)
		all = append(all, runBochsOnce(t, cases[:n])...)
		cases = cases[n:]
	}
	return all
}

func runBochsOnce(t testing.TB, cases []*nativeCase) []nativeResult {
	t.Helper()
	if why := bochsReady(t); why != "" {
		t.Fatal(why)
	}
	in := make([]byte, 16)
	for _, c := range cases {
		var err error
		if in, err = binary.Append(in, binary.LittleEndian, c); err != nil {
			t.Fatal(err)
		}
	}
	sum := uint32(0)
	for i := 16; i < len(in); i += 4 {
		sum += binary.LittleEndian.Uint32(in[i:])
	}
	binary.LittleEndian.PutUint32(in, uint32(len(cases)))
	binary.LittleEndian.PutUint32(in[4:], sum)
	size := binary.Size(nativeResult{})
	out := bochsRun(t, bochsDir(t, map[string][]byte{"cases": in}), bochsCases, "", kernelBase+bochsResults, size*len(cases)+4)
	if string(out[len(out)-4:]) != "done" {
		t.Fatal("the monitor did not come to its end under Bochs, or did not find the cases as they were written")
	}
	results := make([]nativeResult, len(cases))
	for i := range results {
		if _, err := binary.Decode(out[size*i:], binary.LittleEndian, &results[i]); err != nil {
			t.Fatal(err)
		}
	}
	return results
}

// bochsDir makes a folder to run Bochs in, with files beside those that are the same in each run, or in their place.
func bochsDir(t testing.TB, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"rom", "monitor", "low", "rc"} {
		if files[name] == nil {
			if err := os.Symlink(filepath.Join(bochs.dir, name), filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, p := range files {
		if err := os.WriteFile(filepath.Join(dir, name), p, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// bochsRun starts Bochs with the file called cases in physical memory at pa, lets it run to its debugger's prompt after one command of the
// debugger's, and returns n bytes of linear memory.
func bochsRun(t testing.TB, dir string, pa uint32, command string, la uint32, n int) []byte {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute) // bounds a hang only
	defer cancel()
	cmd := exec.CommandContext(ctx, "bochs", "-q", "-f", "rc", fmt.Sprintf("optramimage3: file=cases, address=%#x", pa))
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "TERM=dumb")
	if command != "" {
		command += "\n"
	}
	cmd.Stdin = strings.NewReader(fmt.Sprintf("%sc\nwritemem \"results\" %#x %d\nq\n", command, la, n))
	text, err := cmd.CombinedOutput()
	out, readErr := os.ReadFile(filepath.Join(dir, "results"))
	if readErr != nil || len(out) != n {
		log, _ := os.ReadFile(filepath.Join(dir, "log"))
		t.Fatalf("bochs: %v, %d bytes of memory instead of %d\n%s\n%s", errors.Join(err, readErr), len(out), n, text, log)
	}
	return out
}

// first decodes the first instruction of a case.
func (n *nativeCase) first() (op Op) {
	d := decoder{code: n.Code[:]}
	m := mode32 | modeFlat
	if n.Segs[segCS] == ldtSelector(7) {
		m = 0
	}
	d.decode(&op, m)
	return op
}

// bochsDeviates says whether a case ended in a fault at an instruction whose parts Bochs 2.7 does in another order than processors, or asks for
// more than they do. The manual leaves the order open; what is here is what Intel's processors do, and AMD's where the host could be asked.
func bochsDeviates(n *nativeCase, theirs, ours *nativeResult) bool {
	faults := func(vectors ...uint32) bool {
		return theirs.Trap > 0 && slices.Contains(vectors, theirs.Trap-1) || ours.Trap > 0 && slices.Contains(vectors, ours.Trap-1)
	}
	switch op := n.first(); op.Kind {
	case kCMPS: // reads the operand at ESI first
		return faults(excPF, excGP, excSS, excAC)
	case kLoadFar: // reads the selector first
		return faults(excPF, excAC)
	case kARPL: // asks for the right to write before it knows whether it has to
		return faults(excPF, excGP, excSS)
	case kBOUND: // reads both bounds before it compares; so do AMD's processors
		return faults(excPF, excAC)
	case kRETF: // reads as many bits of the selector as of the offset; so do AMD's processors
		return faults(excPF)
	}
	return false
}
