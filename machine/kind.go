package machine

import "forkscope/machine/cpu/arch"

// Kind is a kind of machine: a board with a processor of an architecture.
type Kind struct {
	// Arch is the processor's architecture.
	Arch *arch.Arch
	// Title is what a person calls one, with its article.
	Title string
	// KernelMemory is how much RAM the built-in kernel can use, in bytes.
	KernelMemory uint64
	// ROM says that it can start from a ROM.
	ROM bool
	// Semihosting says that a kernel can print and end the run by an instruction of the processor's.
	Semihosting bool
	// FlatKernel says that a kernel can be bytes without a header: they are loaded 0x80000 from the start of RAM, where QEMU puts them.
	FlatKernel bool
	// IsImage reports whether a file is a kernel of a format that is this machine's own; nil is none.
	IsImage func(file []byte) bool

	// build makes the rest of a machine that knows its configuration, and loads its kernel.
	build func(*Machine, Config) error
}

// kinds has one for each of arch.All, in its order.
var kinds = []*Kind{&pc, &virt, &pc64}

// Kinds lists the kinds of machines.
func Kinds() []*Kind { return append([]*Kind(nil), kinds...) }

// KindOf is the one whose architecture has a name; nil if there is none.
func KindOf(name string) *Kind {
	for _, k := range kinds {
		if k.Arch.Name == name {
			return k
		}
	}
	return nil
}
