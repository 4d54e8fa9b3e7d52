package introspect

import "fmt"

// reader reads members of structures and keeps the first error, so that a walk through several of them is one expression
// after another and is checked once.
type reader struct {
	k   *Kernel
	err error
}

func (r *reader) fail(err error) uint64 {
	if r.err == nil {
		r.err = err
	}
	return 0
}

// name is what the kernel calls a member, for messages.
func (r *reader) name(m member) string {
	typ, path := r.k.Profile.name(m, r.k.Image.Machine)
	return typ + "." + path
}

// field is where a member lies. One that the image lacks is an error, which names it.
func (r *reader) field(m member) Field {
	f := r.k.at.members[m]
	if f.Size == 0 && r.err == nil {
		if _, err := r.k.types.Field(r.k.Profile.name(m, r.k.Image.Machine)); err != nil {
			r.fail(err)
		}
	}
	return f
}

// get reads a member that is a number or a pointer; a base of 0 is an error, which names the structure.
func (r *reader) get(base uint64, m member) uint64 {
	f := r.field(m)
	if r.err != nil {
		return 0
	}
	if base == 0 {
		typ, path := r.k.Profile.name(m, r.k.Image.Machine)
		return r.fail(fmt.Errorf("no %s to read %s of", typ, path))
	}
	v, err := r.k.mem.read(base, f)
	if err != nil {
		return r.fail(fmt.Errorf("%s at %#x: %w", r.name(m), base, err))
	}
	return v
}

// int is get for a signed member.
func (r *reader) int(base uint64, m member) int64 { return extend(r.get(base, m), r.field(m).Size) }

// at is the address of a member.
func (r *reader) at(base uint64, m member) uint64 { return base + uint64(r.field(m).Offset) }

// base is the address of the structure whose member is at an address.
func (r *reader) base(at uint64, m member) uint64 { return at - uint64(r.field(m).Offset) }

// pointer reads a pointer.
func (r *reader) pointer(va uint64) uint64 {
	if r.err != nil {
		return 0
	}
	v, err := r.k.mem.pointerAt(va)
	if err != nil {
		return r.fail(fmt.Errorf("pointer at %#x: %w", va, err))
	}
	return v
}

// variable is where a variable is, and its size.
func (r *reader) variable(v variable) extent {
	at := r.k.at.variables[v]
	if at.addr == 0 {
		r.fail(fmt.Errorf("kernel image has no symbol %q", r.k.Profile.variables[v]))
	} else if at.size == 0 {
		r.fail(fmt.Errorf("kernel image has no variable %q", r.k.Profile.variables[v]))
	}
	return at
}

// global reads a variable that is a number or a pointer.
func (r *reader) global(v variable) uint64 {
	at := r.variable(v)
	if r.err != nil {
		return 0
	}
	n, err := r.k.mem.read(at.addr, Field{Size: int64(at.size)})
	if err != nil {
		return r.fail(fmt.Errorf("%s: %w", r.k.Profile.variables[v], err))
	}
	return n
}

// size is that of a structure.
func (r *reader) size(s structure) uint64 {
	n := r.k.at.structures[s]
	if n == 0 {
		r.fail(fmt.Errorf("kernel image has no type %q", r.k.Profile.structures[s]))
	}
	return n
}

// bytes reads n bytes.
func (r *reader) bytes(va uint64, n uint64) []byte {
	if r.err != nil {
		return nil
	}
	b := make([]byte, n)
	if err := r.k.mem.ReadMemory(va, b); err != nil {
		r.fail(fmt.Errorf("%d bytes at %#x: %w", n, va, err))
		return nil
	}
	return b
}

// text reads a zero-terminated string of at most limit bytes.
func (r *reader) text(va uint64, limit int) string {
	var s []byte
	for r.err == nil && len(s) <= limit {
		c, err := r.k.mem.read(va+uint64(len(s)), Field{Size: 1})
		switch {
		case err != nil:
			r.fail(fmt.Errorf("string at %#x: %w", va, err))
		case c == 0:
			return string(s)
		}
		s = append(s, byte(c))
	}
	r.fail(fmt.Errorf("string at %#x: no end after %d bytes", va, limit))
	return ""
}
