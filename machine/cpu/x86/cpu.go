// Package x86 is an Intel processor of 32 or of 64 bits, a P6 with SSE4.2 or an x86-64-v2, as a fast interpreter: instructions are decoded once
// into fixed-size ops, blocks of ops are cached for each physical page, and memory is reached through a software TLB.
//
// References in comments are to the Intel 64 and IA-32 Architectures Software Developer's Manual (SDM).
package x86

import (
	"sync/atomic"

	"forkscope/machine/clock"
	"forkscope/machine/cpu"
	"forkscope/machine/cpu/code"
	"forkscope/machine/mem"
)

// Config wires a CPU to its machine. RAM, Clock and Bus are required.
type Config struct {
	RAM   *mem.RAM
	Clock *clock.Clock
	Bus   cpu.Bus
	// ROM is the physical addresses, whole pages of RAM, that the guest cannot change; it may be empty.
	ROM struct{ Base, Size uint32 }
	// Long says that the CPU is an x86-64 one: it has long mode, and what such processors have beside it.
	Long bool
	// AckIRQ is the interrupt acknowledge cycle: it returns the vector from the interrupt controller.
	AckIRQ func() uint8
	// Log receives one report for each address at which the guest executed bytes that are no instruction of this CPU.
	// It may be nil.
	Log func(Report)
}

// Report describes an undefined instruction.
type Report struct {
	PC    uint64 // linear address
	Bytes []byte // up to 15 bytes from there
}

// CR0, CR4, EFER and EFLAGS bits (SDM vol. 3 §2.3, §2.5).
const (
	cr0PE = 1 << 0
	cr0MP = 1 << 1
	cr0EM = 1 << 2
	cr0TS = 1 << 3
	cr0ET = 1 << 4
	cr0NE = 1 << 5
	cr0WP = 1 << 16
	cr0AM = 1 << 18
	cr0NW = 1 << 29
	cr0CD = 1 << 30
	cr0PG = 1 << 31

	cr4TSD        = 1 << 2
	cr4DE         = 1 << 3
	cr4PSE        = 1 << 4
	cr4PAE        = 1 << 5
	cr4PGE        = 1 << 7
	cr4PCE        = 1 << 8
	cr4OSFXSR     = 1 << 9
	cr4OSXMMEXCPT = 1 << 10
	cr4UMIP       = 1 << 11
	cr4FSGSBASE   = 1 << 16
	cr4PCIDE      = 1 << 17
	cr4OSXSAVE    = 1 << 18
	cr4SMEP       = 1 << 20
	cr4SMAP       = 1 << 21
	cr4PKE        = 1 << 22
	cr4CET        = 1 << 23

	eferSCE = 1 << 0
	eferLME = 1 << 8
	eferLMA = 1 << 10
	eferNXE = 1 << 11

	flagCF   = 1 << 0
	flagPF   = 1 << 2
	flagAF   = 1 << 4
	flagZF   = 1 << 6
	flagSF   = 1 << 7
	flagTF   = 1 << 8
	flagIF   = 1 << 9
	flagDF   = 1 << 10
	flagOF   = 1 << 11
	flagIOPL = 3 << 12
	flagNT   = 1 << 14
	flagRF   = 1 << 16
	flagVM   = 1 << 17
	flagAC   = 1 << 18
	flagVIF  = 1 << 19
	flagVIP  = 1 << 20
	flagID   = 1 << 21

	flagsArith = flagCF | flagPF | flagAF | flagZF | flagSF | flagOF
)

// CPU is one processor. See cpu.CPU for who may call what.
type CPU struct {
	// r holds the general registers by encoded number, and behind them what addresses are made of: regZero, regPage, regFar.
	// They come first: hot forms are faster when an index is all of their offset.
	r [32]uint64

	// The arithmetic flags are kept as the last result and carries; see flags.go.
	fres uint64
	faux uint32
	// idx is how many instructions of the running block retired before the running one, base the clock at its start.
	idx  uint32
	base uint64
	// ip is exact at instruction boundaries. While a cold op runs it is the address of the next instruction.
	ip uint64
	// mask cuts addresses that code computes to 32 bits, but for 64-bit mode.
	mask   uint64
	rd, wr *tlb // of the present privilege
	ram    hostPointer
	clk    *clock.Clock
	// stop makes the running block end after its present instruction.
	stop bool

	// eflags holds every flag but the arithmetic ones, which are 0 here.
	eflags uint32

	// fastUntil: a block may start on the fast path while the clock is at most this. 0 stops the chain after one block.
	fastUntil        atomic.Uint64
	ramBase, ramSize uint32
	romOffset        uint32 // in RAM
	romSize          uint32
	jump             *[jumpSize]jumpEntry
	epoch            uint64 // part of the tags of jump entries that are valid for the present privilege and mode
	epochs           [2]uint64

	seg [6]segment
	// mode selects which variant of a block may run; see block.go.
	mode mode
	cpl  uint8
	// alignCheck: CR0.AM, EFLAGS.AC and CPL 3 ask for #AC.
	alignCheck bool

	tlbs [allTLBs - 2]tlb
	xtlb [2]tlb // code fetches, by user
	// filled has a bit for each entry of a TLB that is in use, and global for those that a load of CR3 leaves alone; that of an empty entry means
	// nothing. large has one for each 4 MB of linear addresses, modulo 4 GB, in which part of a large page may be in a TLB.
	filled [allTLBs][tlbSize / 64]uint64
	global [allTLBs][tlbSize / 64]uint64
	large  [16]uint64
	huge   bool     // part of a page of 1 GB may be
	leaf   leafKind // of the page that translate found last

	exc exception // pending, when a function returned false

	cr0, cr4 uint32
	cr2, cr3 uint64
	cr8      uint64
	dr       [8]uint64
	efer     uint64
	pkru     uint32 // rights of protection keys
	xcr0     uint64 // the components of XSAVE
	ssp      uint64 // of user mode, while the CPU is there
	pdpte    [4]uint64
	gdt, idt tableRegister
	ldt, tr  segment
	msr      msrs
	fpu      fpuState

	// switched: a task switch happened before the pending exception, which belongs to the new task.
	switched bool
	noTrap   bool   // an interrupt was delivered by the instruction: no single-step trap after it
	dbHits   uint32 // data breakpoints hit by the instruction, as DR6 bits

	// lastEntry is clock.Retired at the last exception or interrupt entry, plus one.
	lastEntry uint64

	halted bool
	shadow shadow
	irq    bool // level of INTR

	// raised: an instruction has raised an exception, and Run has not told yet (Orders.AtException).
	raised bool
	// toUser: the CPU came to CPL 3, and Run has not told yet (Orders.AtUser).
	toUser bool
	// atSyscall: the instruction did nothing because Run is to return Syscall.
	atSyscall bool

	shutdown string // why the CPU cannot go on
	watch    watchState
	request  atomic.Bool

	cfg      Config
	mem      *mem.RAM
	bus      cpu.Bus
	orders   cpu.Orders // of the run; Pass and PassWatch are cleared when they are done with
	until    uint64     // the count of instructions at which it may be over
	stops    cpu.Stops
	watched  cpu.Watched
	code     *codeStore
	once     block  // see aloneBlock
	onceBase uint64 // base while that runs
	dec      decoder
	dec0     []Op // scratch of the decoder
	reported map[uint64]bool
}

// shadow holds interrupts off until the next instruction has completed. That of a load of SS holds off debug traps too.
type shadow uint8

const (
	shadowNone shadow = iota
	shadowSTI
	shadowSS
)

type exception struct {
	pending bool
	vector  uint8
	hasCode bool
	fault   bool // #DB of an instruction breakpoint: restart sets RF
	code    uint32
}

type tableRegister struct {
	base  uint64
	limit uint32
}

type watchState struct {
	hit   bool
	point cpu.Watchpoint
	addr  uint64
	off   bool // this instruction's accesses are not watched (PassWatch)
}

// New returns a CPU in its power-on state: real mode, at the reset vector 0xfffffff0.
func New(cfg Config) *CPU {
	c := &CPU{
		cfg: cfg, clk: cfg.Clock, mem: cfg.RAM, bus: cfg.Bus,
		ramBase: uint32(cfg.RAM.Base()), ramSize: uint32(cfg.RAM.Size()),
		romOffset: cfg.ROM.Base - uint32(cfg.RAM.Base()), romSize: cfg.ROM.Size,
		reported: make(map[uint64]bool),
		jump:     new([jumpSize]jumpEntry),
		epochs:   [2]uint64{epochFirst, epochFirst | epochUser},
	}
	c.ram = cfg.RAM.Pointer(cfg.RAM.Base())
	c.code = code.New[block, *block](cfg.RAM, codeMost, c.codeOwner())
	cfg.RAM.OnClean(func() { c.slowStores(everyPage) })
	c.Reset()
	return c
}

// Reset puts the CPU into its power-on state (SDM vol. 3 §9.1).
func (c *CPU) Reset() {
	c.r = [32]uint64{regFar: 1 << 32}
	c.r[regEDX] = cpuSignature
	c.eflags = 0
	c.setArith(0)
	c.ip = 0xfff0
	c.cr0 = cr0CD | cr0NW | cr0ET
	c.cr2, c.cr3, c.cr4, c.cr8, c.efer, c.pkru, c.ssp, c.xcr0 = 0, 0, 0, 0, 0, 0, 0, xsaveX87
	c.dr = [8]uint64{6: dr6Fixed, 7: dr7Fixed}
	c.cpl = 0
	for i := range c.seg {
		c.seg[i] = segment{limit: 0xffff, attr: attrPresent | attrS | typeDataRW | attrAccessed}
		c.seg[i].update()
	}
	c.seg[segCS] = segment{sel: 0xf000, base: 0xffff0000, limit: 0xffff, attr: attrPresent | attrS | typeDataRW | attrAccessed}
	c.seg[segCS].update()
	c.gdt = tableRegister{limit: 0xffff}
	c.idt = tableRegister{limit: 0xffff}
	c.ldt = segment{limit: 0xffff, attr: attrPresent | sysLDT}
	c.tr = segment{limit: 0xffff, attr: attrPresent | sysTSS32Busy}
	c.msr = msrs{}
	c.fpu.reset()
	c.halted, c.shadow, c.shutdown, c.toUser = false, shadowNone, "", false
	c.exc = exception{}
	c.lastEntry = 0
	c.flushTLB()
	c.updateMode()
}

// Exception vectors (SDM vol. 3 §6.3).
const (
	excDE = 0
	excDB = 1
	// excNMI is not an exception, but has its vector here.
	excNMI = 2
	excBP  = 3
	excOF  = 4
	excBR  = 5
	excUD  = 6
	excNM  = 7
	excDF  = 8
	excTS  = 10
	excNP  = 11
	excSS  = 12
	excGP  = 13
	excPF  = 14
	excMF  = 16
	excAC  = 17
	excMC  = 18
	excXM  = 19
	excCP  = 21
)

// raise notes an exception without an error code and returns false, for the caller to return.
func (c *CPU) raise(vector uint8) bool {
	c.exc = exception{pending: true, vector: vector}
	return false
}

// raiseErr notes an exception with an error code and returns false.
func (c *CPU) raiseErr(vector uint8, code uint32) bool {
	c.exc = exception{pending: true, vector: vector, hasCode: true, code: code}
	return false
}

// sync makes the clock exact for a device, a time register or an event, in the middle of a block.
func (c *CPU) sync() { c.clk.Retired = c.base + uint64(c.idx) }

// SetIRQ drives INTR. The level is looked at on the next instruction boundary at which interrupts are allowed.
func (c *CPU) SetIRQ(level bool) {
	c.irq = level
	if level {
		c.fastUntil.Store(0)
	}
}

// RequestExit makes Run return Requested soon. Any goroutine may call it.
func (c *CPU) RequestExit() {
	c.request.Store(true)
	c.fastUntil.Store(0)
}

// PC is the linear address of the next instruction.
func (c *CPU) PC() uint64 { return (c.seg[segCS].start + c.ip) & c.mask }

// Privileged says whether CPL is 0.
func (c *CPU) Privileged() bool { return c.cpl == 0 }

// Halted says whether the CPU waits in HLT.
func (c *CPU) Halted() bool { return c.halted }

// Flush forgets every translation.
func (c *CPU) Flush() { c.flushTLB() }

// Space is the page-table root.
func (c *CPU) Space() cpu.Space {
	if c.cr4&cr4PAE != 0 && c.efer&eferLMA == 0 {
		return cpu.Space(c.cr3 &^ 31)
	}
	return cpu.Space(c.cr3 &^ 0xfff)
}

// Paging says whether CR0.PG is set.
func (c *CPU) Paging() bool { return c.cr0&cr0PG != 0 }
