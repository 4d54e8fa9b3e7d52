package x86

import (
	"bytes"
	"encoding/binary"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"forkscope/machine/clock"
	"forkscope/machine/cpu/softfloat"
	"forkscope/machine/mem"
	"forkscope/scripts/oracle"
)

// The oracle of these tests is the processor that runs them: testdata/host/harness.c executes the very bytes, which mean the same in 64-bit
// mode, and the FXSAVE image, the general registers, EFLAGS and memory after it are compared with ours. No emulator is asked about values:
// QEMU's and Bochs's x87 differ from hardware in the last places.

var (
	hostSeed  = flag.Uint64("fpu.seed", 1, "seed of the comparison with the host's FPU; 0 is the time")
	hostCases = flag.Int("fpu.cases", 20000, "random cases for each comparison with the host's FPU")
)

const (
	familyX87 = "x87 instructions"
	familySSE = "MMX and SSE instructions"
	familyMix = "x87, MMX and SSE together"

	hostCode = nativeCode
	hostData = nativeBase
	hostMem  = 704 // bytes that a case sets
)

// hostCase is an instruction or several and the state before; hostResult is the state after it.
type hostCase struct {
	code []byte
	hostState
}

type hostState struct {
	regs   [8]uint32
	eflags uint32
	fx     [512]byte
	mem    [hostMem]byte
}

type hostResult struct {
	vector int // of the exception, or -1
	hostState
}

// native is the case in the harness's terms.
func (c *hostCase) native() *nativeCase {
	n := newNativeCase(c.code)
	n.Regs, n.EFLAGS, n.FX = c.regs, c.eflags, c.fx
	n.Regs[regESP] = nativeBase + nativeWindow - 64 // nothing here uses it
	copy(n.Window[:], c.mem[:])
	return n
}

// askHost executes the cases on the host.
func askHost(t *testing.T, family string, cases []hostCase) []hostResult {
	t.Helper()
	if why := hostReady(t); why != "" {
		oracle.Missing(t, family, hostName, why)
	}
	results := make([]hostResult, 0, len(cases))
	for part := range slices.Chunk(cases, 10_000) {
		results = append(results, askHostOnce(t, part)...)
	}
	oracle.Compared(family, hostName, len(cases))
	return results
}

func askHostOnce(t *testing.T, cases []hostCase) []hostResult {
	t.Helper()
	sent := make([]*nativeCase, len(cases))
	for i := range cases {
		sent[i] = cases[i].native()
	}
	results := make([]hostResult, len(cases))
	for i, n := range runHost(t, sent) {
		r := &results[i]
		r.vector, r.regs, r.eflags, r.fx = int(n.Trap)-1, n.Regs, n.EFLAGS, n.FX
		copy(r.mem[:], n.Window[:])
		if h := &cases[i]; fxsaves(h.code) && r.vector < 0 {
			at := h.regs[regEBP] - hostData
			copy(r.mem[at+288:at+416], h.mem[at+288:]) // 64-bit mode stores XMM8 to XMM15 too (SDM vol. 2, FXSAVE)
			r.mem[at+30] &^= 2                         // MXCSR_MASK has MM, the misaligned exception mask, on AMD's processors (APM vol. 1, 4.2.2)
		}
	}
	return results
}

// fxsaves says whether the code is FXSAVE [ebp+0].
func fxsaves(code []byte) bool {
	_, rest := cutPrefixes(code)
	return bytes.Equal(rest, []byte{0x0f, 0xae, 0x45, 0})
}

// newFPUMachine returns a CPU in protected mode, flat, without paging, with the FPU and SSE enabled, and 4 MiB of RAM at base.
func newFPUMachine(t testing.TB, base uint64) *CPU {
	t.Helper()
	ram, err := mem.New(base, 4<<20)
	if err != nil {
		t.Fatal(err)
	}
	c := New(Config{RAM: ram, Clock: clock.New(1)})
	c.cr0 = cr0PE | cr0ET | cr0NE
	c.cr4 = cr4OSFXSR | cr4OSXMMEXCPT
	for i := range c.seg {
		c.seg[i] = segment{limit: 0xffffffff, attr: attrPresent | attrS | attrDB | attrG | typeDataRW | attrAccessed}
		if i == segCS {
			c.seg[i].attr |= attrCode
		}
		c.seg[i].update()
	}
	return c
}

// runOurs executes one case on c, up to the first exception.
func runOurs(t testing.TB, c *CPU, h *hostCase) hostResult {
	t.Helper()
	for i, v := range h.regs {
		c.r[i] = uint64(v)
	}
	c.setArith(h.eflags & flagsArith)
	c.mem.Write(hostData, h.mem[:])
	loadImage(&c.fpu, &h.fx)
	r := hostResult{vector: -1}
	for code := h.code; len(code) > 0 && r.vector < 0; {
		d := decoder{c: c, code: code}
		var op Op
		d.decode(&op, mode32)
		if d.short {
			t.Fatalf("% x: the last instruction is not complete", h.code)
		}
		c.ip = hostCode + uint64(len(h.code)-len(code)) + uint64(op.Len)
		if op.Kind == kUD {
			r.vector = excUD
		} else if !coldFunc[op.Kind](c, &op) {
			r.vector = int(c.exc.vector)
			c.exc = exception{}
		} else {
			countExercised(byHostFPU, op.Kind)
		}
		code = code[op.Len:]
	}
	for i := range r.regs {
		r.regs[i] = uint32(c.r[i])
	}
	r.eflags = c.arith()
	storeImage(&c.fpu, &r.fx)
	c.mem.Read(hostData, r.mem[:])
	return r
}

// loadImage and storeImage do what FXRSTOR and FXSAVE do.
func loadImage(f *fpuState, p *[512]byte) {
	*f = fpuState{}
	f.setStatus(binary.LittleEndian.Uint16(p[2:]))
	f.valid = p[4]
	f.fop = binary.LittleEndian.Uint16(p[6:])
	f.fip, f.fdp = uint64(binary.LittleEndian.Uint32(p[8:])), uint64(binary.LittleEndian.Uint32(p[16:]))
	f.fcs, f.fds = binary.LittleEndian.Uint16(p[12:]), binary.LittleEndian.Uint16(p[20:])
	f.setMXCSR(binary.LittleEndian.Uint32(p[24:]))
	for i := range uint8(8) {
		*f.st(i) = softfloat.F80{Sig: binary.LittleEndian.Uint64(p[32+16*i:]), SE: binary.LittleEndian.Uint16(p[40+16*int(i):])}
		f.xmm[i] = xmmReg{binary.LittleEndian.Uint64(p[160+16*int(i):]), binary.LittleEndian.Uint64(p[168+16*int(i):])}
	}
	f.setControl(binary.LittleEndian.Uint16(p[:]))
}

func storeImage(f *fpuState, p *[512]byte) {
	binary.LittleEndian.PutUint16(p[:], f.cw)
	binary.LittleEndian.PutUint16(p[2:], f.status())
	p[4] = f.valid
	binary.LittleEndian.PutUint16(p[6:], f.fop)
	binary.LittleEndian.PutUint32(p[8:], uint32(f.fip))
	binary.LittleEndian.PutUint32(p[16:], uint32(f.fdp))
	binary.LittleEndian.PutUint32(p[24:], f.mxcsr)
	for i := range uint8(8) {
		binary.LittleEndian.PutUint64(p[32+16*int(i):], f.st(i).Sig)
		binary.LittleEndian.PutUint16(p[40+16*int(i):], f.st(i).SE)
		binary.LittleEndian.PutUint64(p[160+16*int(i):], f.xmm[i].lo)
		binary.LittleEndian.PutUint64(p[168+16*int(i):], f.xmm[i].hi)
	}
}

// differences lists what of want (the host) got (ours) does not have. ignoreSW are status word bits left undefined.
func differences(h *hostCase, want, got *hostResult, ignoreSW uint16) []string {
	var d []string
	add := func(name string, w, g any) {
		if w != g {
			d = append(d, fmt.Sprintf("%s host %x ours %x", name, w, g))
		}
	}
	if want.vector != got.vector {
		return []string{fmt.Sprintf("vector host %d ours %d", want.vector, got.vector)}
	}
	for i, w := range want.regs {
		if i != regESP {
			add(fmt.Sprintf("r%d", i), w, got.regs[i])
		}
	}
	add("eflags", want.eflags&flagsArith, got.eflags&flagsArith)
	u16 := binary.LittleEndian.Uint16
	u32 := binary.LittleEndian.Uint32
	u64 := binary.LittleEndian.Uint64
	add("cw", u16(want.fx[:]), u16(got.fx[:]))
	add("sw", u16(want.fx[2:])&^ignoreSW, u16(got.fx[2:])&^ignoreSW)
	add("tags", want.fx[4], got.fx[4])
	if len(h.code) < 8 && u16(want.fx[2:])&swES != 0 { // later processors record these for unmasked exceptions only
		add("fop", u16(want.fx[6:]), u16(got.fx[6:]))
		add("fdp", u32(want.fx[16:]), u32(got.fx[16:]))
	}
	if u16(want.fx[2:])&swES != 0 { // AMD's processors store it for unmasked exceptions only (APM vol. 2, FXSAVE and FXRSTOR)
		add("fip", u32(want.fx[8:]), u32(got.fx[8:]))
	}
	add("mxcsr", u32(want.fx[24:]), u32(got.fx[24:]))
	for i := range 8 {
		p := 32 + 16*i
		add(fmt.Sprintf("st%d", i), fmt.Sprintf("%04x:%016x", u16(want.fx[p+8:]), u64(want.fx[p:])),
			fmt.Sprintf("%04x:%016x", u16(got.fx[p+8:]), u64(got.fx[p:])))
		p += 128
		add(fmt.Sprintf("xmm%d", i), fmt.Sprintf("%016x:%016x", u64(want.fx[p+8:]), u64(want.fx[p:])),
			fmt.Sprintf("%016x:%016x", u64(got.fx[p+8:]), u64(got.fx[p:])))
	}
	for i := 0; i < hostMem; i += 8 {
		add(fmt.Sprintf("mem+%d", i), fmt.Sprintf("%016x", u64(want.mem[i:])), fmt.Sprintf("%016x", u64(got.mem[i:])))
	}
	return d
}

// describe shows a case for a report.
func describe(h *hostCase) string {
	u64 := binary.LittleEndian.Uint64
	u16 := binary.LittleEndian.Uint16
	s := fmt.Sprintf("% x  cw %04x sw %04x tags %02x mxcsr %08x", h.code, u16(h.fx[:]), u16(h.fx[2:]), h.fx[4], binary.LittleEndian.Uint32(h.fx[24:]))
	for i := range 8 {
		p := 32 + 16*i
		s += fmt.Sprintf("\n  st%d %04x:%016x  xmm%d %016x:%016x", i, u16(h.fx[p+8:]), u64(h.fx[p:]), i, u64(h.fx[p+136:]), u64(h.fx[p+128:]))
	}
	for i := range 4 {
		s += fmt.Sprintf("\n  mem+%d %016x %016x", 16*i, u64(h.mem[16*i:]), u64(h.mem[16*i+8:]))
	}
	return s + fmt.Sprintf("\n  regs %x", h.regs)
}

// compareWithHost runs cases both ways and reports the first mismatches of each instruction.
func compareWithHost(t *testing.T, family string, cases []hostCase, undefined func(h *hostCase, r *hostResult) uint16) {
	t.Helper()
	want := askHost(t, family, cases)
	c := newFPUMachine(t, nativeData)
	seen := map[string]int{}
	var order []string
	first := map[string]string{}
	for i := range cases {
		h := &cases[i]
		got := runOurs(t, c, h)
		d := differences(h, &want[i], &got, undefined(h, &want[i]))
		if len(d) == 0 {
			continue
		}
		k, _, _ := strings.Cut(d[0], " host")
		if strings.HasPrefix(k, "mem+") {
			k = "mem"
		}
		key := describeKind(c, h.code) + " " + k
		if seen[key] == 0 {
			order = append(order, key)
			first[key] = describe(h) + "\n  " + strings.Join(d, "\n  ")
		}
		seen[key]++
	}
	for i, k := range order {
		t.Errorf("%s: %d mismatches", k, seen[k])
		if i < 6 {
			t.Log(first[k])
		}
	}
}

func describeKind(c *CPU, code []byte) string {
	d := decoder{c: c, code: code}
	var op Op
	d.decode(&op, mode32)
	return fmt.Sprintf("%s/%d", op.Kind.Name(), op.Sub)
}

func hostRandom(t *testing.T) *rand.Rand {
	s := *hostSeed
	if s == 0 {
		s = uint64(time.Now().UnixNano())
	}
	t.Logf("seed: -fpu.seed %d", s)
	return rand.New(rand.NewPCG(s, 2))
}
