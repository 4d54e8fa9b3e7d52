// Package arch has each architecture as a value: what a debugger, a loader and the command must know of one, beside the processor that
// executes it and the board that it is on. Whoever asks what is so on one and not on another looks here, and says nothing of any by name.
//
// Facts are those of the architecture, of its ABI, of Linux's interface to programs on it, and of GNU's C library. Registers have gdb's names.
package arch

import (
	"debug/elf"
	"slices"
	"strings"

	"forkscope/gdbstub"
)

// Arch is one architecture. All are little-endian, with pages of 4 KiB.
type Arch struct {
	// Name is what machines, images and flags are named by.
	Name string
	// Machine and Class are those of its ELF files.
	Machine elf.Machine
	Class   elf.Class
	// WatchesBefore says that a watchpoint reports an access that has not happened yet; else it has.
	WatchesBefore bool

	Code      Code
	Registers Registers
	Function  Function
	Syscall   Syscall
	Thread    Thread
	CLibrary  CLibrary
	Pages     Pages
	// FP is how the processor itself saves floating point and vectors in memory; nil where a kernel does it register by register, in a
	// structure of its own.
	FP *FPImage
}

// Code is what its instructions look like in memory.
type Code struct {
	// Longest and Breakpoint are lengths in bytes: of the longest instruction, and of that for breakpoints, which is gdb's name (its "kind") for them.
	Longest, Breakpoint int
	// IsCall reports whether the instruction before an address is a call. before are the CallLength bytes that lie there.
	IsCall     func(at uint64, before []byte) bool
	CallLength int
}

// Registers are what gdb sees.
type Registers struct {
	// Describe makes gdb's standard description, for an OS ABI as in gdbstub.Description.
	Describe func(osABI string) *gdbstub.Description
	// Linux is the feature of those that Linux adds for programs.
	Linux gdbstub.Feature
	// PC, SP and FP are the program counter, the stack pointer and the frame pointer.
	PC, SP, FP string
	// CPU has the processor's name of those of Linux's that it has under another one.
	CPU map[string]string
	// AddressBits is how many bits of a number gdb takes for an address: the others it drops.
	AddressBits int
}

// Function is how functions of C are called.
type Function struct {
	// Arguments are the registers of the first arguments. Those after them are on the stack, a word each.
	Arguments []string
	// Result is the register of the result.
	Result string
	// Return is the register of the return address; "" is on top of the stack.
	Return string
	// Flags is the register of flags, of which functions take the bits Clear to be 0; "" is none.
	Flags string
	Clear uint64
}

// Syscall is how a program calls Linux.
type Syscall struct {
	// Instructions are those that do it, all of one length.
	Instructions [][]byte
	// Number, Arguments and Result are its registers. As long as a call is not over, Linux shows debuggers its number in Kept and -ENOSYS in Result, so
	// that it can be made again; where Kept is "", Number keeps it.
	Number    string
	Arguments []string
	Result    string
	Kept      string
	// Clobbers are the registers in which a call leaves something else than it has found, beside Result.
	Clobbers []string
	// BreakpointCode is the si_code of the SIGTRAP of a breakpoint instruction (Linux's asm-generic/siginfo.h).
	BreakpointCode uint32
}

// Thread is how a program finds its thread-local storage ("ELF Handling For Thread-Local Storage", 3).
type Thread struct {
	// Pointer is the register that has the thread pointer, or, with Selector, selects the segment whose base it is.
	Pointer  string
	Selector bool
	// Above says that the program's block lies above the thread pointer, Header bytes further or more (variant I); else right below it (variant II).
	Above  bool
	Header uint64
}

// CLibrary is what GNU's C library does behind a debugger's back.
type CLibrary struct {
	// Rotate is by how many bits an address in a jmp_buf is rotated to the left, after a secret was XORed to it.
	Rotate int
	// ThreadNumber is where in its struct pthread the thread's number is, where that structure lies below the thread pointer; 0 where it begins there.
	ThreadNumber uint64
}

// Pages is how page tables translate a program's addresses, to pages of 4 KiB.
type Pages struct {
	// Shifts are those of each level's index in an address, from the root down, and Bits the number of its bits.
	Shifts []uint
	Bits   uint
	// Address are the bits of an entry that are an address, and Valid that which makes it one.
	Address, Valid uint64
	// Of an entry for a page: what a program must have to write there (0 is nothing), and what forbids it to write or to execute.
	Write, ReadOnly, NotExecute uint64
}

// FPImage is the memory that an instruction saves floating point and vectors to.
type FPImage struct {
	// Align is what it demands of the address, in bytes.
	Align uint64
	Slots []Slot
}

// Slot is a register in memory, by offset and size in bytes.
type Slot struct {
	Register string
	Offset   uint64
	Size     int
}

// all are the architectures that there are machines of.
var all = []*Arch{I386, ARM64, X8664}

// Default is that of a machine for which nothing says another.
var Default = ARM64

// All lists the architectures that there are machines of.
func All() []*Arch { return slices.Clone(all) }

// Names lists their names.
func Names() []string {
	var names []string
	for _, a := range all {
		names = append(names, a.Name)
	}
	return names
}

// List is their names as words of a sentence, with "and" or "or" before the last.
func List(conjunction string) string { return sentence(Names(), conjunction) }

func sentence(names []string, conjunction string) string {
	last := len(names) - 1
	if last == 0 {
		return names[0]
	}
	return strings.Join(names[:last], ", ") + " " + conjunction + " " + names[last]
}

// Named is the one of a name, nil if there is none.
func Named(name string) *Arch {
	return find(func(a *Arch) bool { return a.Name == name })
}

// OfELF is the one of ELF files for m, nil if there is none.
func OfELF(m elf.Machine) *Arch {
	return find(func(a *Arch) bool { return a.Machine == m })
}

func find(is func(*Arch) bool) *Arch {
	if i := slices.IndexFunc(all, is); i >= 0 {
		return all[i]
	}
	return nil
}

func (a *Arch) String() string { return a.Name }

// PointerSize is that of a pointer, a word of the stack and a C long, in bytes.
func (a *Arch) PointerSize() int {
	if a.Class == elf.ELFCLASS64 {
		return 8
	}
	return 4
}

// Pointer is a number as a pointer: without the bits that are too many.
func (a *Arch) Pointer(v uint64) uint64 {
	return v << (64 - 8*a.PointerSize()) >> (64 - 8*a.PointerSize())
}

// NumberInCall is the register that a debugger finds the number of a call in that is not over.
func (s *Syscall) NumberInCall() string {
	if s.Kept != "" {
		return s.Kept
	}
	return s.Number
}

// Length is that of the instructions, in bytes.
func (s *Syscall) Length() int { return len(s.Instructions[0]) }

// Is reports whether code begins with one of the instructions.
func (s *Syscall) Is(code []byte) bool {
	return slices.ContainsFunc(s.Instructions, func(i []byte) bool { return len(code) >= len(i) && string(code[:len(i)]) == string(i) })
}
