package arm64

import (
	"fmt"
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
	// decode turns the word at offset off of its block into an op that exec's switch knows. Where it leaves
	// op.kind alone (or is nil) the op runs through exec or simd.
	decode func(w uint32, off uint64, o *op)
	// exec runs the instruction from its word.
	exec func(c *CPU, w uint32) status
	// simd runs an FP or SIMD data instruction; it cannot fault, but for the access trap that comes before.
	simd func(c *CPU, w uint32)

	// ends says that no block goes on past this instruction.
	ends bool

	mask, value uint32
}

// rows is the instruction table, in the order of precedence.
var rows []row

// index holds, by bits 31:21 of the word, the rows to try.
var index [2048][]uint16

var indexOnce sync.Once

// buildIndex reads the patterns. It runs once, when the first CPU is made.
func buildIndex() {
	indexOnce.Do(func() {
		rows = nil
		for _, family := range [][]row{
			rowsImmediate, rowsRegister, rowsBranch, rowsSystem, rowsMemory, rowsSIMDMemory, rowsAtomic,
			rowsFP, rowsSIMDSame, rowsSIMDMisc, rowsSIMDMove, rowsSIMDShift, rowsSIMDWide, rowsSIMDIndexed,
			rowsSIMDExtension, rowsCrypto, halfRows(),
		} {
			rows = append(rows, family...)
		}
		for i := range rows {
			r := &rows[i]
			r.mask, r.value = parsePattern(r.name, r.pattern)
			low := ^r.mask >> 21 // operand bits of the key, which is walked over all its subsets
			for sub := low; ; sub = (sub - 1) & low {
				key := r.value>>21 | sub
				index[key] = append(index[key], uint16(i))
				if sub == 0 {
					break
				}
			}
		}
	})
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

// findRow returns the table row of w, or -1.
func findRow(w uint32) int {
	for _, i := range index[w>>21] {
		r := &rows[i]
		if w&r.mask == r.value && (r.valid == nil || r.valid(w)) {
			return int(i)
		}
	}
	return -1
}

// decode fills o from the word w at byte offset off of its block, and returns its table row, or -1.
func decode(w uint32, off uint64, o *op) int {
	*o = op{kind: kUndefined, imm: uint64(w)}
	i := findRow(w)
	if i >= 0 {
		r := &rows[i]
		o.kind = kindRow + uint16(i)
		if r.decode != nil {
			r.decode(w, off, o)
		}
	}
	o.single = o.kind
	return i
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

// pick returns a for 64-bit operations and b for 32-bit ones.
func pick(w uint32, a, b uint16) uint16 {
	if is64(w) {
		return a
	}
	return b
}

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
