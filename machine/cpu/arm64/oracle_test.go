package arm64

import (
	"bytes"
	"encoding/binary"
	"flag"
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"forkscope/machine/clock"
	"forkscope/machine/cpu"
	"forkscope/machine/mem"
	"forkscope/scripts/oracle"
)

var (
	oracleSeed  = flag.Int64("oracle.seed", 1, "seed of the random instructions compared with qemu-aarch64; 0 takes the time")
	oracleCases = flag.Int("oracle.cases", 60, "random instructions per row of the instruction table; 800 make a million in all")
)

// The memory layout of testdata/oracle/harness.c.
const (
	familyUser      = "AArch64 user instructions"
	userReference   = "qemu-aarch64"
	familySystem    = "AArch64 exceptions and system registers"
	systemReference = "qemu-system-aarch64"
)

const (
	oracleCode   = 0x10000000
	oracleData   = 0x13000000
	oracleWindow = oracleData + 0x1000 - 256
	oracleEnd    = 0xd4000001 // svc #0
	restoreX30   = 0xd53bd05e // mrs x30, tpidr_el0
	slotWords    = 64
	windowBytes  = 512
	stateBytes   = 38*8 + 512 + windowBytes
	batchCases   = 20000 // that one run of the harness is given
)

// userState is what the harness sets before and tells after a sequence.
type userState struct {
	x                    [31]uint64
	sp, nzcv, fpcr, fpsr uint64
	signal, pc           uint64
	v                    [32]vreg
	window               [windowBytes]byte
}

type oracleCase struct {
	name   string
	words  []uint32
	before userState
}

func (s *userState) marshal(out []byte) []byte {
	for _, v := range s.x {
		out = binary.LittleEndian.AppendUint64(out, v)
	}
	for _, v := range []uint64{s.sp, s.nzcv, s.fpcr, s.fpsr, s.signal, s.pc, 0} {
		out = binary.LittleEndian.AppendUint64(out, v)
	}
	for _, v := range s.v {
		out = binary.LittleEndian.AppendUint64(out, v[0])
		out = binary.LittleEndian.AppendUint64(out, v[1])
	}
	return append(out, s.window[:]...)
}

func (s *userState) unmarshal(p []byte) {
	next := func() (v uint64) {
		v = binary.LittleEndian.Uint64(p)
		p = p[8:]
		return v
	}
	for i := range s.x {
		s.x[i] = next()
	}
	s.sp, s.nzcv, s.fpcr, s.fpsr, s.signal, s.pc = next(), next(), next(), next(), next(), next()
	next()
	for i := range s.v {
		s.v[i] = vreg{next(), next()}
	}
	copy(s.window[:], p)
}

// slot lays a case out as the harness has it: the register restore, the sequence, its end, and constants to the end.
func (k *oracleCase) slot() []uint32 {
	out := append([]uint32{restoreX30}, k.words...)
	out = append(out, oracleEnd)
	for i := uint32(len(out)); i < slotWords; i++ {
		out = append(out, i*0x9e3779b9|1)
	}
	return out
}

func (k *oracleCase) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s:", k.name)
	for _, w := range k.words {
		fmt.Fprintf(&b, " %08x", w)
	}
	return b.String()
}

// runOracle gives the state after each case on the reference.
func runOracle(t *testing.T, cases []oracleCase) []userState {
	t.Helper()
	for _, tool := range []string{"aarch64-linux-gnu-gcc", "qemu-aarch64"} {
		if _, err := exec.LookPath(tool); err != nil {
			oracle.Missing(t, familyUser, userReference, tool+" is not installed")
		}
	}
	if len(cases) > (oracleData-oracleCode)/(slotWords*4) {
		t.Fatalf("%d cases do not fit the harness", len(cases))
	}
	dir := t.TempDir()
	harness := filepath.Join(dir, "harness")
	if out, err := exec.Command("aarch64-linux-gnu-gcc", "-O1", "-static", "-Wl,-Ttext-segment=0x0e000000", "-o", harness,
		"testdata/oracle/harness.c").CombinedOutput(); err != nil {
		t.Fatalf("building the harness: %v\n%s", err, out)
	}
	var in []byte
	for i := range cases {
		for _, w := range cases[i].slot() {
			in = binary.LittleEndian.AppendUint32(in, w)
		}
		in = cases[i].before.marshal(in)
	}
	file := filepath.Join(dir, "cases")
	if err := os.WriteFile(file, in, 0o600); err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	cmd := exec.Command("qemu-aarch64", "-cpu", "neoverse-n1", harness, file)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil || len(out) != len(cases)*stateBytes {
		t.Fatalf("the harness answered %d bytes for %d cases: %v\n%s", len(out), len(cases), err, &stderr)
	}
	results := make([]userState, len(cases))
	for i := range results {
		results[i].unmarshal(out[i*stateBytes:])
	}
	return results
}

// userBoard is a CPU at EL0 with the harness's memory, and vectors that halt.
type userBoard struct {
	*board
}

const oracleTables = oracleData + 0x10000

func newUserBoard(t *testing.T) *userBoard {
	ram, err := mem.New(oracleCode, oracleTables+0x10000-oracleCode)
	if err != nil {
		t.Fatal(err)
	}
	b := &board{ram: ram, clock: clock.New(1)}
	b.CPU = New(Config{RAM: ram, Clock: b.clock, Bus: noBus{}})
	t.Cleanup(func() { ram.Close() })
	b.mapIdentity(oracleTables, 0)
	b.sys.sctlr |= sctlrUCT | sctlrDZE | sctlrUCI
	b.sys.sctlr &^= sctlrSA0
	b.sys.cpacr = cpacrFP
	b.sys.vbar = oracleTables + 0x8000
	// EL1 may not execute what EL0 may write, so the vectors get a page of their own in the upper half.
	b.sys.ttbr1 = oracleTables + 0x4000
	b.store(oracleTables+0x4000, oracleTables+0x5000|3)
	b.store(oracleTables+0x5000, 0<<30|1<<10|3<<8|1)
	b.sys.vbar |= 0xffff << 48
	b.code(oracleTables+0x8400, 0xd503207f) // wfi
	b.flushTLB()
	b.contextChanged()
	return &userBoard{b}
}

// run executes case number i to its end or its first exception.
func (u *userBoard) run(t *testing.T, i int, k *oracleCase) (after userState) {
	at := uint64(oracleCode + i*slotWords*4)
	u.code(at, k.slot()...)
	s := &k.before
	u.ram.Write(oracleWindow, s.window[:])
	u.halted = false
	u.setMode(0, false)
	copy(u.x[:31], s.x[:])
	u.x[regSP] = s.sp
	u.setFlags(uint8(s.nzcv >> 28))
	u.v = s.v
	u.fp.setFPCR(s.fpcr)
	u.fp.setFPSR(s.fpsr)
	u.monitor = monitor{}
	u.sys.tpidr0 = s.x[30]
	u.contextChanged()
	u.SetPC(at + 4)
	if e := u.Run(u.clock.Retired + 1000); e.Reason != cpu.Halt {
		t.Fatalf("%v: run ended with %v at %#x", k, e, u.PC())
	}
	copy(after.x[:], u.x[:31])
	after.sp, after.nzcv, after.fpcr, after.fpsr, after.v = u.spOf(0), u.sys.spsr&(15<<28), u.fp.fpcr, u.fp.fpsr(), u.v
	u.ram.Read(oracleWindow, after.window[:])
	switch ec := u.sys.esr >> 26; {
	case ec == ecSVC && u.sys.elr-4 == at+uint64(len(k.words)+1)*4:
		return after
	case ec == ecBRK:
		after.signal = 5
	case ec == ecDataLower && u.sys.esr&0x3f == fscAlignment:
		after.signal = 7
	case ec == ecDataLower || ec == ecInstrLower:
		after.signal = 11
	default:
		after.signal = 4
	}
	after.pc = u.sys.elr
	return after
}

// diff lists what differs, or is empty.
func (s *userState) diff(want *userState) string {
	var b strings.Builder
	word := func(name string, got, want uint64) {
		if got != want {
			fmt.Fprintf(&b, "\n\t%s = %#x, want %#x", name, got, want)
		}
	}
	for i := range s.x {
		word(fmt.Sprintf("x%d", i), s.x[i], want.x[i])
	}
	word("sp", s.sp, want.sp)
	word("nzcv", s.nzcv, want.nzcv)
	word("fpcr", s.fpcr, want.fpcr)
	word("fpsr", s.fpsr, want.fpsr)
	word("signal", s.signal, want.signal)
	word("pc", s.pc, want.pc)
	for i := range s.v {
		if s.v[i] != want.v[i] {
			fmt.Fprintf(&b, "\n\tv%d = %016x_%016x, want %016x_%016x", i, s.v[i][1], s.v[i][0], want.v[i][1], want.v[i][0])
		}
	}
	if s.window != want.window {
		fmt.Fprintf(&b, "\n\tmemory %x\n\twant   %x", s.window, want.window)
	}
	return b.String()
}

// compare runs the cases on both and reports the differences, a few of each kind.
func compare(t *testing.T, cases []oracleCase) {
	t.Helper()
	for len(cases) > batchCases {
		compareBatch(t, cases[:batchCases])
		cases = cases[batchCases:]
	}
	compareBatch(t, cases)
}

func compareBatch(t *testing.T, cases []oracleCase) {
	t.Helper()
	want := runOracle(t, cases)
	u := newUserBoard(t)
	failed := map[string]int{}
	for i := range cases {
		k := &cases[i]
		got := u.run(t, i, k)
		countExercised(k.words)
		if want[i].signal == 0 {
			want[i].pc = got.pc // the harness leaves the field
		}
		correct(k, &want[i])
		if d := got.diff(&want[i]); d != "" {
			if failed[k.name]++; failed[k.name] <= 2 {
				t.Errorf("%v%s\n\tbefore: %s", k, d, k.operands())
			}
		}
	}
	for name, n := range failed {
		t.Logf("%s: %d cases differ", name, n)
	}
	oracle.Compared(familyUser, userReference, len(cases))
}

// correct repairs what the reference is known to get wrong: FCVTZS of a half by a scalar shift leaves the sign above the half.
func correct(k *oracleCase, want *userState) {
	for _, w := range k.words {
		if w&0xfff0fc00 == 0x5f10fc00 && want.v[w&31][0]>>15 == 1<<17-1 {
			want.v[w&31][0] &= 0xffff
		}
	}
}

// operands shows the registers that the first instruction names.
func (k *oracleCase) operands() string {
	w, s := k.words[0], &k.before
	var b strings.Builder
	fmt.Fprintf(&b, "nzcv %x fpcr %x", s.nzcv>>28, s.fpcr)
	for _, r := range []uint32{w & 31, w >> 5 & 31, w >> 16 & 31, w >> 10 & 31} {
		if r < 31 {
			fmt.Fprintf(&b, " x%d=%#x", r, s.x[r])
		}
		fmt.Fprintf(&b, " v%d=%016x_%016x", r, s.v[r][1], s.v[r][0])
	}
	return b.String()
}

func oracleRand(t *testing.T) *rand.Rand {
	seed := *oracleSeed
	if seed == 0 {
		seed = time.Now().UnixNano()
	}
	t.Logf("-oracle.seed=%d", seed)
	return rand.New(rand.NewSource(seed))
}
