package introspect

import (
	"encoding/binary"
	"fmt"
)

// Memory is the guest's kernel memory by virtual address.
type Memory interface {
	// ReadMemory fills all of p from va, or fails.
	ReadMemory(va uint64, p []byte) error
}

// Kernel looks at a running guest through the layout of its image. It implements GuestOS. It is not safe for use by several
// goroutines.
type Kernel struct {
	Image *Image
	// Profile says what the kernel calls things.
	Profile *Profile
	// Lacks says what the image lacks of the profile's names, the first and how many more; nil is nothing. What is read by those fails, and
	// tasks can be found all the same.
	Lacks error

	types Types
	mem   words
	at    layout
	buf   []byte
}

// New prepares to read tasks from mem, by the profile of the kernels that are known. It fails when the image lacks a type or symbol
// that tasks are found by; the error names the first.
func New(im *Image, mem Memory) (*Kernel, error) { return NewBy(&forkscope, im, im, mem) }

// NewBy is New with a profile, and with the types that its names are looked up in.
func NewBy(p *Profile, types Types, im *Image, mem Memory) (*Kernel, error) {
	if im.lacks != nil {
		return nil, im.lacks
	}
	k := &Kernel{Image: im, Profile: p, types: types, mem: words{Memory: mem, order: im.Order, pointer: im.PointerSize}}
	at, needed, rest := p.lookUp(types, im.Machine)
	if err := lacking(needed, "tasks are found by"); err != nil {
		return nil, err
	}
	if size := at.variables[initStack].size; size == 0 || size&(size-1) != 0 {
		return nil, fmt.Errorf("the kernel image has an %s of %d bytes, which is no power of two", p.variables[initStack], size)
	}
	k.at, k.Lacks = at, lacking(rest, "a kernel of the family "+p.Family+" has")
	return k, nil
}

// Bits is the width of the guest's long.
func (k *Kernel) Bits() int { return 8 * k.Image.PointerSize }

// Field reads a number or a pointer in a structure at addr; member goes through nested structures ("thread.esp").
func (k *Kernel) Field(addr uint64, typ, member string) (uint64, error) {
	f, err := k.types.Field(typ, member)
	if err != nil {
		return 0, err
	}
	return k.mem.read(addr, f)
}

// words reads numbers out of the guest's memory.
type words struct {
	Memory
	order   binary.ByteOrder
	pointer int // the size of one, in bytes
	scratch [8]byte
}

// read reads a member of the structure at base.
func (w *words) read(base uint64, f Field) (uint64, error) {
	b := &w.scratch
	if f.Size > 8 {
		return 0, fmt.Errorf("field of %d bytes at %#x is no number", f.Size, base)
	}
	if err := w.ReadMemory(base+uint64(f.Offset), b[:f.Size]); err != nil {
		return 0, err
	}
	return w.value(b[:], Field{Size: f.Size}), nil
}

// pointerAt reads a pointer.
func (w *words) pointerAt(va uint64) (uint64, error) {
	return w.read(va, Field{Size: int64(w.pointer)})
}

// value takes a member of a structure out of its bytes.
func (w *words) value(b []byte, f Field) uint64 {
	b = b[f.Offset:]
	switch f.Size {
	case 1:
		return uint64(b[0])
	case 2:
		return uint64(w.order.Uint16(b))
	case 4:
		return uint64(w.order.Uint32(b))
	default:
		return w.order.Uint64(b)
	}
}

// signed is value for a signed member.
func (w *words) signed(b []byte, f Field) int64 { return extend(w.value(b, f), f.Size) }

// extend takes a number of so many bytes for a signed one.
func extend(v uint64, size int64) int64 {
	shift := 64 - 8*uint(size)
	return int64(v<<shift) >> shift
}

// walk follows a list_head's next pointers, or its prev pointers, from head until it is back there. A head that is all
// zero is a list not built yet.
func (w *words) walk(name string, head uint64, backwards bool, visit func(node uint64) error) error {
	onward, behind := uint64(0), uint64(w.pointer)
	if backwards {
		onward, behind = behind, onward
	}
	node, err := w.pointerAt(head + onward)
	if err != nil {
		return fmt.Errorf("list %s: head at %#x: %w", name, head, err)
	}
	prev := head
	for n := 0; node != head; n++ {
		if node == 0 {
			if prev == head {
				return nil
			}
			return fmt.Errorf("list %s: null pointer after %#x", name, prev)
		}
		if n == maxTasks {
			return fmt.Errorf("list %s: no end after %d entries", name, n)
		}
		back, err := w.pointerAt(node + behind)
		if err != nil {
			return fmt.Errorf("list %s: entry at %#x: %w", name, node, err)
		}
		if back != prev {
			return fmt.Errorf("list %s: entry at %#x points back to %#x, not to %#x", name, node, back, prev)
		}
		if err := visit(node); err != nil {
			return err
		}
		prev = node
		if node, err = w.pointerAt(node + onward); err != nil {
			return fmt.Errorf("list %s: entry at %#x: %w", name, prev, err)
		}
	}
	return nil
}
