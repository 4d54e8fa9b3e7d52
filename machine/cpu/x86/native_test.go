package x86

import (
	"encoding/binary"
	"fmt"
	"testing"

	"forkscope/machine/clock"
	"forkscope/machine/cpu"
	"forkscope/machine/mem"
)

// The oracle for user code is the host's own processor: testdata/native/harness.c runs the same bytes with the same registers and memory,
// and this file runs them on the CPU under test, at CPL 3 with the selectors that a 32-bit Linux process has.

const (
	nativeCode    = 0x10000000
	nativeData    = 0x20000000
	nativeWindow  = 1024
	nativeCodeMax = 512
	// nativeBase is the linear address of the first byte of the window.
	nativeBase = nativeData + 0x1000 - nativeWindow
)

// nativeCase is a test case; nativeResult what became of it. Both have the layout of the structures in harness.c.
type nativeCase struct {
	Regs   [8]uint32
	EFLAGS uint32
	// Segs are selectors by segment register number. CS 0 stands for those of an ordinary process; other cases end in INT3.
	Segs    [6]uint32
	CodeLen uint32
	FX      [512]byte
	Code    [nativeCodeMax]byte
	Window  [nativeWindow]byte
}

type nativeResult struct {
	Regs   [8]uint32
	EFLAGS uint32
	EIP    uint32 // offset in the code
	Trap   uint32 // vector plus 1, or 0 at the end of the code; 256 when it did not end
	Error  uint32
	CR2    uint32
	Segs   [6]uint32 // where the code did not run to a plain end
	FX     [512]byte
	Window [nativeWindow]byte
}

// newNativeCase returns a case with an FPU in its initial state.
func newNativeCase(code []byte) *nativeCase {
	c := &nativeCase{CodeLen: uint32(len(code)), EFLAGS: 0x202}
	copy(c.Code[:], code)
	binary.LittleEndian.PutUint16(c.FX[0:], 0x37f)
	binary.LittleEndian.PutUint32(c.FX[24:], 0x1f80)
	return c
}

// testBus is a bus with nothing on it that notes what is written.
type testBus struct {
	c      *CPU
	out    []byte
	onOut  func(port uint16, size int, v uint32)
	onIn   func(port uint16, size int) uint32
	onMMIO func(pa uint64, size int, v uint64, write bool) uint64
}

func (b *testBus) ReadMMIO(pa uint64, size int) (uint64, bool) {
	if b.onMMIO != nil {
		return b.onMMIO(pa, size, 0, false), true
	}
	return 0, false
}

func (b *testBus) WriteMMIO(pa uint64, size int, v uint64) bool {
	if b.onMMIO != nil {
		b.onMMIO(pa, size, v, true)
	}
	return b.onMMIO != nil
}

func (b *testBus) In(port uint16, size int) uint32 {
	if b.onIn != nil {
		return b.onIn(port, size)
	}
	return 0xffffffff
}

func (b *testBus) Out(port uint16, size int, v uint32) {
	b.out = append(b.out, byte(v))
	if b.onOut != nil {
		b.onOut(port, size, v)
	}
}

// machine is a CPU with RAM and nothing else.
type machine struct {
	t   testing.TB
	c   *CPU
	ram *mem.RAM
	clk *clock.Clock
	bus *testBus
	o   cpu.Orders // of the next run
	// undefined collects the reports of unknown instructions.
	undefined []Report
}

func newMachine(t testing.TB, size uint64) *machine {
	ram, err := mem.New(0, size)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ram.Close() })
	m := &machine{t: t, ram: ram, clk: clock.New(1), bus: &testBus{}}
	m.c = New(Config{RAM: ram, Clock: m.clk, Bus: m.bus, AckIRQ: func() uint8 { return 0x20 },
		Log: func(r Report) { m.undefined = append(m.undefined, r) }})
	m.bus.c = m.c
	m.o = cpu.Orders{Breaks: &cpu.BreakSet{}, Watches: &cpu.WatchSet{}, Held: true}
	return m
}

// upTo runs by the orders until the clock shows retired instructions.
func (m *machine) upTo(retired uint64) cpu.Exit {
	m.o.Until, m.o.Time = clock.Mark{Retired: retired}, clock.Never
	e := m.c.Run(&m.o)
	if e.Passed {
		m.o.Pass, m.o.PassWatch = false, false
	}
	return e
}

func (m *machine) write(pa uint32, p []byte) { m.ram.Write(uint64(pa), p) }

func (m *machine) write32(pa uint32, v ...uint32) {
	for i, x := range v {
		var b [4]byte
		binary.LittleEndian.PutUint32(b[:], x)
		m.write(pa+uint32(4*i), b[:])
	}
}

func (m *machine) read32(pa uint32) uint32 {
	var b [4]byte
	m.ram.Read(uint64(pa), b[:])
	return binary.LittleEndian.Uint32(b[:])
}

// Physical memory of the machine that runs user code.
const (
	physPageDir  = 0x1000
	physTables   = 0x2000 // for the kernel, code and data
	physGDT      = 0x5000
	physIDT      = 0x6000
	physTSS      = 0x7000
	physStubs    = 0x8000 // one handler for each vector, 16 bytes apart
	physLDT      = 0x7800
	physFXOut    = 0x9400
	physStart    = 0x9800
	physStackTop = 0xb000
	physCode     = 0xc000
	physData     = 0xd000

	// kernelBase is where the first megabyte is mapped for CPL 0: at an address that the host process does not use.
	kernelBase = 0x7f000000

	endVector = 0xf0 // INT of this vector marks the end of the code
)

// userMachine is set up as a 64-bit Linux kernel sets up a 32-bit process, as far as that process can see.
func userMachine(t testing.TB) *machine {
	m := newMachine(t, 1<<20)
	flat := func(access uint32) []uint32 { return []uint32{0x0000ffff, 0x00cf0000 | access<<8} }
	gdt := make([]uint32, 16)
	copy(gdt[2:], flat(0x9b))  // 0x08 kernel code
	copy(gdt[6:], flat(0x93))  // 0x18 kernel data
	copy(gdt[8:], flat(0xfb))  // 0x23 user code
	copy(gdt[10:], flat(0xf3)) // 0x2b user data
	system := func(base, limit, kind uint32) []uint32 {
		return []uint32{base<<16 | limit, base&0xff000000 | base>>16&0xff | attrPresent | kind}
	}
	copy(gdt[12:], system(kernelBase+physTSS, 0x67, sysTSS32Busy)) // 0x30 TSS
	copy(gdt[14:], system(kernelBase+physLDT, 0x7f, sysLDT))       // 0x38 LDT
	m.write32(physGDT, gdt...)
	m.write32(physLDT, ldtDescriptors...)
	m.write32(physTSS+4, kernelBase+physStackTop, 0x18)
	m.write32(physTSS+0x64, 0x68<<16) // no I/O permission bitmap
	for v := range uint32(256) {
		dpl := uint32(0)
		if v == endVector || v == excBP || v == excOF {
			dpl = 3
		}
		stub := uint32(kernelBase + physStubs + v*16)
		m.write32(physIDT+v*8, 0x08<<16|stub&0xffff, stub&0xffff0000|0x8e00|dpl<<13)
		m.write(stub-kernelBase, []byte{0x36, 0x0f, 0xae, 0x05, 0, physFXOut >> 8 & 0xff, 0, kernelBase >> 24, 0xf4})
	}
	m.write(physStart, []byte{0xcf}) // iret
	const present = ptePresent | pteWrite | pteUser
	m.write32(physPageDir+kernelBase>>22*4, physTables|present)
	m.write32(physPageDir+nativeCode>>22*4, physTables+0x1000|present)
	m.write32(physPageDir+nativeData>>22*4, physTables+0x2000|present)
	for i := range uint32(0x10) {
		m.write32(physTables+4*i, i<<12|ptePresent|pteWrite)
	}
	m.write32(physTables+0x1000, physCode|present)
	m.write32(physTables+0x2000, physData|present)
	return m
}

// load sets the machine up for a case, at the code that leads to it.
func (m *machine) load(n *nativeCase) {
	c := m.c
	var page [0x1000]byte
	for i := range page {
		page[i] = 0xcc
	}
	copy(page[:], n.Code[:n.CodeLen])
	copy(page[n.CodeLen:], []byte{0xcd, endVector})
	if n.Segs[segCS] != 0 {
		page[n.CodeLen], page[n.CodeLen+1] = 0xcc, 0xcc
	}
	m.write(physCode, page[:])
	clear(page[:])
	copy(page[0x1000-nativeWindow:], n.Window[:])
	m.write(physData, page[:])
	segs := n.Segs
	if segs[segCS] == 0 {
		segs = [6]uint32{0x2b, 0x23, 0x2b, 0x2b, 0, 0}
	}
	entry := uint32(nativeCode)
	if segs[segCS]&4 != 0 {
		entry = 0
	}
	// IRET to a 16-bit stack leaves the upper half of ESP alone, so the frame is on a stack whose pointer has it already.
	const frame = physStackTop - 20
	m.write32(frame, entry, segs[segCS], n.EFLAGS|0x202, n.Regs[regESP], segs[segSS])
	esp := n.Regs[regESP]&^0xffff | frame

	c.Reset()
	c.SetProtectedFlat(Entry{ESP: esp, EIP: kernelBase + physStart})
	c.seg[segSS].base = uint64(kernelBase + frame - esp)
	c.seg[segSS].update()
	c.gdt = tableRegister{kernelBase + physGDT, 0x3f}
	c.idt = tableRegister{kernelBase + physIDT, 0x7ff}
	c.tr = segment{sel: 0x30}
	c.tr.setDescriptor(m.read32(physGDT+0x30), m.read32(physGDT+0x34))
	c.setCR3(physPageDir)
	c.setCR4(cr4OSFXSR | cr4OSXMMEXCPT)
	c.setCR0(cr0PE | cr0PG | cr0WP | cr0NE | cr0MP | cr0ET | cr0AM)
	c.ldt = segment{sel: 0x38}
	c.ldt.setDescriptor(m.read32(physGDT+0x38), m.read32(physGDT+0x3c))
	for _, i := range []uint8{segES, segDS, segFS, segGS} {
		if !c.loadSeg(i, uint16(segs[i])) {
			m.t.Fatalf("selector %#x cannot be loaded: %+v %08x", segs[i], c.exc, m.read32(physLDT+segs[i]&^7+4))
		}
	}
	loadImage(&c.fpu, &n.FX)
	c.updateMode()
	for i, v := range n.Regs {
		if i != regESP {
			c.r[i] = uint64(v)
		}
	}
}

// run executes a case and reports its result in the harness's terms.
func (m *machine) run(n *nativeCase) (r nativeResult) { return m.runFor(n, 1_000_000) }

// runFor is run with a number of instructions after which a case counts as endless.
func (m *machine) runFor(n *nativeCase, count uint64) (r nativeResult) {
	m.load(n)
	c := m.c
	exit := m.upTo(m.clk.Retired + count)
	if exit.Reason != cpu.Halt {
		r.Trap = 256
		return r
	}
	vector := uint32(c.ip-kernelBase-physStubs) / 16
	frame := uint32(c.r[regESP] - kernelBase)
	if vector != endVector {
		r.Trap = vector + 1
		switch vector {
		case excDF, excTS, excNP, excSS, excGP, excPF, excAC:
			r.Error = m.read32(frame)
			frame += 4
		}
		if vector == excPF {
			r.CR2 = uint32(c.cr2)
		}
	}
	r.EIP = m.read32(frame)
	cs := m.read32(frame + 4)
	if cs&4 == 0 {
		r.EIP -= nativeCode
	}
	if vector == endVector {
		r.EIP -= 2
	} else {
		for i := range r.Segs {
			r.Segs[i] = uint32(c.seg[i].sel)
		}
		r.Segs[segCS], r.Segs[segSS] = cs, m.read32(frame+16)
	}
	r.EFLAGS = m.read32(frame + 8)
	for i := range r.Regs {
		r.Regs[i] = uint32(c.r[i])
	}
	r.Regs[regESP] = m.read32(frame + 12)
	m.ram.Read(physFXOut, r.FX[:])
	m.ram.Read(physData+0x1000-nativeWindow, r.Window[:])
	return r
}

// ldtDescriptors is the LDT that harness.c sets up.
var ldtDescriptors = func() (d []uint32) {
	add := func(base, limit, access, flags uint32) {
		d = append(d, base<<16|limit&0xffff, base&0xff000000|base>>16&0xff|limit&0xf0000|access<<8|flags<<20)
	}
	add(nativeData, 0xfff, 0xf3, 4)
	add(nativeBase, 0x1ff, 0xf3, 4)
	add(nativeData, 0xbff, 0xf7, 4) // expand-down
	add(nativeData, 0xbff, 0xf7, 0)
	add(nativeBase, 0x3ff, 0xf1, 4) // read-only
	add(nativeCode, 0xfff, 0xfb, 4)
	add(nativeCode, 0xfff, 0xf9, 4) // execute-only
	add(nativeCode, 0xfff, 0xfb, 0) // 16-bit code
	add(nativeData, 0xffff, 0xf3, 0)
	add(nativeData, 0xfff, 0x73, 4) // not present
	add(nativeCode, 0x3f, 0xfb, 4)
	add(nativeData, 2, 0xf3, 12) // limit in pages
	return d
}()

// ldtSelector is the selector of the LDT's entry i for user code.
func ldtSelector(i uint32) uint32 { return i<<3 | 7 }

// difference describes how the result of the oracle called name differs from ours, apart from the flags in undef and the FPU state; ""
// when it does not.
func difference(name string, theirs, ours *nativeResult, undef uint32) string {
	if theirs.Trap == excPF+1 {
		theirs.Error &^= pfFetch // the host has NX
	}
	var s string
	add := func(format string, args ...any) { s += fmt.Sprintf(format+"; ", args...) }
	if theirs.Trap != ours.Trap {
		add("exception %d there, %d here (-1 is none)", int(theirs.Trap)-1, int(ours.Trap)-1)
	}
	if theirs.EIP != ours.EIP {
		add("eip +%#x there, +%#x here", theirs.EIP, ours.EIP)
	}
	names := [...]string{"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"}
	for i := range names {
		if theirs.Regs[i] != ours.Regs[i] {
			add("%s %08x there, %08x here", names[i], theirs.Regs[i], ours.Regs[i])
		}
	}
	if d := (theirs.EFLAGS ^ ours.EFLAGS) &^ undef; d != 0 {
		add("eflags %08x there, %08x here (differ in %#x)", theirs.EFLAGS, ours.EFLAGS, d)
	}
	if theirs.Trap != 0 && (theirs.Error != ours.Error || theirs.Trap == excPF+1 && theirs.CR2 != ours.CR2) {
		add("error code %#x cr2 %#x there, %#x %#x here", theirs.Error, theirs.CR2, ours.Error, ours.CR2)
	}
	if theirs.Segs != ours.Segs {
		add("segment registers %#x there, %#x here", theirs.Segs, ours.Segs)
	}
	if theirs.Window != ours.Window {
		for i := range theirs.Window {
			if theirs.Window[i] != ours.Window[i] {
				add("memory at +%#x: %02x there, %02x here", i, theirs.Window[i], ours.Window[i])
				break
			}
		}
	}
	if s != "" {
		s = name + ": " + s
	}
	return s
}

// runUntil is the CPU's Run with a limit that counts what was skipped too.
func (m *machine) runUntil(limit uint64) cpu.Exit { return m.upTo(m.clk.Reaches(limit)) }

// skip moves an idle guest's clock on to the next event, and no further than limit. It reports whether there was one.
func (m *machine) skip(limit uint64) bool {
	next := m.clk.Next()
	m.clk.SkipTo(min(next, limit))
	return next != clock.Never
}
