package board

import "encoding/binary"

// Tokens and sizes of a flattened device tree (Devicetree Specification 0.4, chapter 5).
const (
	fdtMagic     = 0xd00dfeed
	fdtVersion   = 17
	fdtOldest    = 16
	fdtHeader    = 40
	fdtReserved  = 16 // the empty list of memory reservations
	fdtBeginNode = 1
	fdtEndNode   = 2
	fdtProp      = 3
	fdtEnd       = 9
)

// fdt writes a flattened device tree, node by node.
type fdt struct {
	structure []byte
	strings   []byte
	names     map[string]uint32 // where a property's name is in strings
}

func newFDT() *fdt { return &fdt{names: make(map[string]uint32)} }

func (f *fdt) word(v uint32) { f.structure = binary.BigEndian.AppendUint32(f.structure, v) }

func (f *fdt) align() {
	for len(f.structure)%4 != 0 {
		f.structure = append(f.structure, 0)
	}
}

// node writes a node whose properties and children body writes.
func (f *fdt) node(name string, body func()) {
	f.word(fdtBeginNode)
	f.structure = append(append(f.structure, name...), 0)
	f.align()
	body()
	f.word(fdtEndNode)
}

// bytes writes a property of the node that is open.
func (f *fdt) bytes(name string, value []byte) {
	at, known := f.names[name]
	if !known {
		at = uint32(len(f.strings))
		f.names[name] = at
		f.strings = append(append(f.strings, name...), 0)
	}
	f.word(fdtProp)
	f.word(uint32(len(value)))
	f.word(at)
	f.structure = append(f.structure, value...)
	f.align()
}

// cells writes a property of 32-bit cells; without any it is a property whose presence is its meaning.
func (f *fdt) cells(name string, cells ...uint32) {
	var p []byte
	for _, c := range cells {
		p = binary.BigEndian.AppendUint32(p, c)
	}
	f.bytes(name, p)
}

// cells64 writes a property of 64-bit numbers, two cells each.
func (f *fdt) cells64(name string, values ...uint64) {
	var p []byte
	for _, v := range values {
		p = binary.BigEndian.AppendUint64(p, v)
	}
	f.bytes(name, p)
}

// text writes a property of strings.
func (f *fdt) text(name string, values ...string) {
	var p []byte
	for _, v := range values {
		p = append(append(p, v...), 0)
	}
	f.bytes(name, p)
}

// blob returns the tree.
func (f *fdt) blob() []byte {
	structure := binary.BigEndian.AppendUint32(f.structure, fdtEnd)
	structOffset := uint32(fdtHeader + fdtReserved)
	stringsOffset := structOffset + uint32(len(structure))
	var b []byte
	for _, v := range []uint32{
		fdtMagic, stringsOffset + uint32(len(f.strings)), structOffset, stringsOffset, fdtHeader, fdtVersion, fdtOldest,
		0, uint32(len(f.strings)), uint32(len(structure)),
	} {
		b = binary.BigEndian.AppendUint32(b, v)
	}
	b = append(b, make([]byte, fdtReserved)...)
	return append(append(b, structure...), f.strings...)
}
