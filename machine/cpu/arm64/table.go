package arm64

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

// row is one encoding class of A64. The rows are the single truth about which instructions exist: the decoder,
// the tests' generator and the coverage report all read them.
type row struct {
	name string
	// pattern spells the 32 bits from the top: 0, 1, or a letter for an operand bit. Spaces are for the reader.
	pattern string
	// valid rejects operand values that are not allocated. Nil accepts all.
	valid func(w uint32) bool
	// hot are the forms of the instruction that exec's switch knows, the first that fits first; operands fills their ops, for the word at
	// offset off of its block. All other words run through exec or simd.
	hot      []form
	operands func(w uint32, off uint64, o *op)
	// exec runs the instruction from its word, whatever its form.
	exec func(c *CPU, w uint32) status
	// simd runs an FP or SIMD data instruction; it cannot fault, but for the access trap that comes before.
	simd func(c *CPU, w uint32)

	// ends says that no block goes on past this instruction.
	ends bool
	// branch says that it may go to op.imm, an offset from the start of its block.
	branch bool

	mask, value uint32
}

// rows is the instruction table, in the order of precedence.
var rows []row

// forms are the hot forms by their kind.
var forms []form

// entry is what the decoder looks for in a word: a hot form, or the rest of a row.
type entry struct {
	mask, value uint32
	row, kind   uint16
	valid, when func(w uint32) bool
	operands    func(w uint32, off uint64, o *op)
}

// entries are all of them, in the order of precedence, and index holds, by bits 31:21 of the word, those to try.
var (
	entries []entry
	index   [2048][]uint16
)

var indexOnce sync.Once

// buildIndex reads the patterns. It runs once, when the first CPU is made.
func buildIndex() {
	indexOnce.Do(func() {
		rows, forms, entries = nil, nil, nil
		for _, family := range [][]row{
			rowsImmediate, rowsRegister, rowsBranch, rowsSystem, rowsMemory, rowsSIMDMemory, rowsAtomic,
			rowsFP, rowsSIMDSame, rowsSIMDMisc, rowsSIMDMove, rowsSIMDShift, rowsSIMDWide, rowsSIMDIndexed,
			rowsSIMDExtension, rowsCrypto, halfRows(),
		} {
			rows = append(rows, family...)
		}
		kinds := map[string]uint16{}
		number(special, kinds)
		for i := range rows {
			r := &rows[i]
			r.mask, r.value = parsePattern(r.name, r.pattern)
			number(r.hot, kinds)
			for _, f := range r.hot {
				e := entry{f.mask | r.mask, f.value | r.value, uint16(i), f.kind, r.valid, f.when, r.operands}
				if f.body == nil {
					e.kind, e.operands = kindRow+uint16(i), nil
				}
				e.enter()
			}
			entry{mask: r.mask, value: r.value, row: uint16(i), kind: kindRow + uint16(i), valid: r.valid}.enter()
		}
		for i := range joints {
			j := &joints[i]
			number([]form{j.form}, kinds)
			j.kind = kinds[j.name]
			joined[kinds[j.compare]][j.cond>>1] = j
		}
		if kindNames != nil && !slices.EqualFunc(forms, kindNames, func(f form, name string) bool { return f.name == name }) {
			panic("BUG: exec was written from other forms: go generate ./machine/cpu/arm64")
		}
	})
}

// number gives forms their kinds. Forms of the same name are the same one, of several instructions.
func number(list []form, kinds map[string]uint16) {
	for i := range list {
		f := &list[i]
		f.mask, f.value = parsePattern(f.name, (f.pattern + strings.Repeat(".", 32))[:32+strings.Count(f.pattern, " ")])
		if f.body == nil {
			continue
		}
		kind, ok := kinds[f.name]
		if !ok {
			if len(forms) == int(kindRow) {
				panic("BUG: more forms than there are kinds for")
			}
			kind = uint16(len(forms))
			kinds[f.name] = kind
			forms = append(forms, *f)
		}
		f.kind = kind
	}
}

// enter puts e behind the other entries wherever the index may be asked for it.
func (e entry) enter() {
	low := ^e.mask >> 21 // operand bits of the key, which is walked over all its subsets
	for sub := low; ; sub = (sub - 1) & low {
		key := e.value>>21 | sub
		index[key] = append(index[key], uint16(len(entries)))
		if sub == 0 {
			break
		}
	}
	entries = append(entries, e)
}

func parsePattern(name, pattern string) (mask, value uint32) {
	s := strings.ReplaceAll(pattern, " ", "")
	if len(s) != 32 {
		panic(fmt.Sprintf("BUG: pattern of %s has %d bits", name, len(s)))
	}
	for _, ch := range s {
		mask, value = mask<<1, value<<1
		switch ch {
		case '0':
			mask |= 1
		case '1':
			mask |= 1
			value |= 1
		}
	}
	return mask, value
}

// find returns what w is, or nil.
func find(w uint32) *entry {
	for _, i := range index[w>>21] {
		e := &entries[i]
		if w&e.mask == e.value && (e.valid == nil || e.valid(w)) && (e.when == nil || e.when(w)) {
			return e
		}
	}
	return nil
}

// findRow returns the table row of w, or -1.
func findRow(w uint32) int {
	if e := find(w); e != nil {
		return int(e.row)
	}
	return -1
}

// decode fills o from the word w at byte offset off of its block, and returns its table row, or -1.
func decode(w uint32, off uint64, o *op) int {
	*o = op{kind: kindUndefined, single: kindUndefined, imm: uint64(w)}
	e := find(w)
	if e == nil {
		return -1
	}
	o.kind, o.single = e.kind, e.kind
	if e.operands != nil {
		e.operands(w, off, o)
	}
	return int(e.row)
}

// Register fields as slots of CPU.x. In some places number 31 means SP, in others the zero register.
func fieldRd(w uint32) uint8   { return write31(w & 31) }
func fieldRdSP(w uint32) uint8 { return uint8(w & 31) }
func fieldRn(w uint32) uint8   { return read31(w >> 5 & 31) }
func fieldRnSP(w uint32) uint8 { return uint8(w >> 5 & 31) }
func fieldRm(w uint32) uint8   { return read31(w >> 16 & 31) }
func fieldRa(w uint32) uint8   { return read31(w >> 10 & 31) }
func fieldRt(w uint32) uint8   { return read31(w & 31) }

func read31(r uint32) uint8 {
	if r == 31 {
		return regZero
	}
	return uint8(r)
}

func write31(r uint32) uint8 {
	if r == 31 {
		return regDiscard
	}
	return uint8(r)
}

// signed extends the low n bits of v.
func signed(v uint64, n uint) uint64 { return uint64(int64(v<<(64-n)) >> (64 - n)) }

// is64 is the sf bit.
func is64(w uint32) bool { return w>>31 != 0 }

// bitMasks decodes the immediate of the logical instructions (C4.1, DecodeBitMasks). ok is false for reserved values.
func bitMasks(n, imms, immr uint32, width uint) (wmask uint64, ok bool) {
	combined := n<<6 | ^imms&0x3f
	length := -1
	for i := 6; i >= 0; i-- {
		if combined>>i&1 != 0 {
			length = i
			break
		}
	}
	if length < 1 || width == 32 && n != 0 {
		return 0, false
	}
	levels := uint32(1)<<length - 1
	s, r := imms&levels, immr&levels
	if s == levels {
		return 0, false
	}
	size := uint(1) << length
	element := uint64(1)<<(s+1) - 1
	if r != 0 {
		element = element>>r | element<<(size-uint(r))
		if size < 64 {
			element &= 1<<size - 1
		}
	}
	for ; size < 64; size *= 2 {
		element |= element << size
	}
	if width == 32 {
		element &= 0xffffffff
	}
	return element, true
}
