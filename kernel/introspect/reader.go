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

// field looks up a member once for the life of the Kernel.
func (r *reader) field(typ, path string) Field {
	key := [2]string{typ, path}
	f, ok := r.k.fields[key]
	if !ok {
		var err error
		if f, err = r.k.Image.Field(typ, path); err != nil {
			r.fail(err)
			return Field{}
		}
		r.k.fields[key] = f
	}
	return f
}

// get reads a member that is a number or a pointer; a base of 0 is an error, which names the structure.
func (r *reader) get(base uint64, typ, path string) uint64 {
	f := r.field(typ, path)
	if r.err != nil {
		return 0
	}
	if base == 0 {
		return r.fail(fmt.Errorf("no %s to read %s of", typ, path))
	}
	v, err := r.k.read(base, f)
	if err != nil {
		return r.fail(fmt.Errorf("%s.%s at %#x: %w", typ, path, base, err))
	}
	return v
}

// int is get for a signed member.
func (r *reader) int(base uint64, typ, path string) int64 {
	f := r.field(typ, path)
	shift := 64 - 8*uint(f.Size)
	return int64(r.get(base, typ, path)<<shift) >> shift
}

// at is the address of a member.
func (r *reader) at(base uint64, typ, path string) uint64 {
	return base + uint64(r.field(typ, path).Offset)
}

// pointer reads a pointer, and global a variable that is a number or a pointer.
func (r *reader) pointer(va uint64) uint64 {
	if r.err != nil {
		return 0
	}
	v, err := r.k.pointer(va)
	if err != nil {
		return r.fail(fmt.Errorf("pointer at %#x: %w", va, err))
	}
	return v
}

func (r *reader) global(name string) uint64 {
	if r.err != nil {
		return 0
	}
	va, ok := r.k.Image.Symbol(name)
	if !ok {
		return r.fail(fmt.Errorf("kernel image has no symbol %q", name))
	}
	size, err := r.k.Image.GlobalSize(name)
	if err != nil {
		return r.fail(err)
	}
	v, err := r.k.read(va, Field{Size: size})
	if err != nil {
		return r.fail(fmt.Errorf("%s: %w", name, err))
	}
	return v
}

// size is that of a type.
func (r *reader) size(typ string) uint64 {
	n, err := r.k.Image.Size(typ)
	if err != nil {
		r.fail(err)
	}
	return uint64(n)
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
		c, err := r.k.read(va+uint64(len(s)), Field{Size: 1})
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
