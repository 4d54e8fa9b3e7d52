package arm64

import "math/bits"

// The instructions that string functions are made of, on all lanes of a 64-bit word at once.

// topBits has the top bit of each lane of the size; lowBits the lowest.
var (
	topBits = [4]uint64{0x8080808080808080, 0x8000800080008000, 0x8000000080000000, 1 << 63}
	lowBits = [4]uint64{0x0101010101010101, 0x0001000100010001, 0x0000000100000001, 1}
)

// addWord and subWord keep the lanes apart.
func addWord(size uint, a, b uint64) uint64 {
	top := topBits[size]
	return (a&^top + b&^top) ^ (a^b)&top
}

func subWord(size uint, a, b uint64) uint64 {
	top := topBits[size]
	return (a | top - b&^top) ^ (a^^b)&top
}

// spread makes each lane all ones whose top bit is set in m, a subset of topBits.
func spread(size uint, m uint64) uint64 {
	width := uint(8) << size
	return m>>(width-1)*(1<<(width-1)-1) | m
}

// zeroWord gives all ones in the lanes that are zero.
func zeroWord(size uint, a uint64) uint64 {
	top := topBits[size]
	return spread(size, ^((a&^top+^top)|a)&top)
}

// atLeastWord gives all ones where a >= b, unsigned.
func atLeastWord(size uint, a, b uint64) uint64 {
	top := topBits[size]
	// With the top bits set aside, a-b does not borrow from the next lane; they are compared by hand.
	low := (a | top) - b&^top
	return spread(size, (a&^b|^(a^b)&low)&top)
}

// words applies f to the 64-bit words that Q selects.
func words(f func(size uint, a, b uint64) uint64) func(c *CPU, w uint32) {
	return func(c *CPU, w uint32) {
		size := simdSize(w)
		a, b := &c.v[w>>5&31], &c.v[w>>16&31]
		r := vreg{f(size, a[0], b[0]), 0}
		if w>>30&1 != 0 {
			r[1] = f(size, a[1], b[1])
		}
		c.v[w&31] = r
	}
}

// byU chooses by the U bit.
func byU(signed, unsigned func(c *CPU, w uint32)) func(c *CPU, w uint32) {
	return func(c *CPU, w uint32) {
		if simdU(w) {
			unsigned(c, w)
		} else {
			signed(c, w)
		}
	}
}

var (
	simdAddSub     = byU(words(addWord), words(subWord))
	simdTestEqual  = byU(words(testWord), words(equalWord))
	simdEqualZero  = byU(words(equalZeroWord), map1(zeroEqual))
	simdGreater    = byU(map2(laneGreater), words(aboveWord))
	simdNotLess    = byU(map2(laneGreaterEqual), words(atLeastWord))
	simdMaxPairs   = byU(pairs2(laneMax), pairWords(maxWord))
	simdMinPairs   = byU(pairs2(laneMin), pairWords(minWord))
	simdMaximum    = byU(map2(laneMax), words(maxWord))
	simdMinimum    = byU(map2(laneMin), words(minWord))
	simdAddPairs   = pairWords(addWord)
	simdNot        = words(func(_ uint, a, _ uint64) uint64 { return ^a })
	simdCountBytes = words(func(_ uint, a, _ uint64) uint64 {
		a -= a >> 1 & 0x5555555555555555
		a = a&0x3333333333333333 + a>>2&0x3333333333333333
		return (a + a>>4) & 0x0f0f0f0f0f0f0f0f
	})
)

func equalWord(size uint, a, b uint64) uint64     { return zeroWord(size, a^b) }
func testWord(size uint, a, b uint64) uint64      { return ^zeroWord(size, a&b) }
func equalZeroWord(size uint, a, _ uint64) uint64 { return zeroWord(size, a) }
func aboveWord(size uint, a, b uint64) uint64     { return ^atLeastWord(size, b, a) }

func maxWord(size uint, a, b uint64) uint64 {
	m := atLeastWord(size, a, b)
	return a&m | b&^m
}

func minWord(size uint, a, b uint64) uint64 {
	m := atLeastWord(size, a, b)
	return b&m | a&^m
}

// evens packs the even lanes of the 128 bits hi:lo into one word.
func evens(size uint, lo, hi uint64) uint64 { return packEven(size, lo) | packEven(size, hi)<<32 }

// packEven moves the even lanes of a to its low half.
func packEven(size uint, a uint64) uint64 {
	switch size {
	case 0:
		a &= 0x00ff00ff00ff00ff
		a = (a | a>>8) & 0x0000ffff0000ffff
		return (a | a>>16) & 0xffffffff
	case 1:
		a &= 0x0000ffff0000ffff
		return (a | a>>16) & 0xffffffff
	}
	return a & 0xffffffff
}

// pairWords applies f to adjacent lanes of the two operands.
func pairWords(f func(size uint, a, b uint64) uint64) func(c *CPU, w uint32) {
	return func(c *CPU, w uint32) {
		size := simdSize(w)
		a, b := c.v[w>>5&31], c.v[w>>16&31]
		if size == 3 {
			c.v[w&31] = vreg{f(3, a[0], a[1]), f(3, b[0], b[1])}
			return
		}
		width := uint(8) << size
		if w>>30&1 == 0 {
			c.v[w&31] = vreg{f(size, evens(size, a[0], b[0]), evens(size, a[0]>>width, b[0]>>width)), 0}
			return
		}
		c.v[w&31] = vreg{
			f(size, evens(size, a[0], a[1]), evens(size, a[0]>>width, a[1]>>width)),
			f(size, evens(size, b[0], b[1]), evens(size, b[0]>>width, b[1]>>width)),
		}
	}
}

// extract128 gives the 64 bits at byte n of the 256 bits b:a.
func extract128(a, b vreg, n uint) (r vreg) {
	all := [5]uint64{a[0], a[1], b[0], b[1], 0}
	i, s := n/8, n%8*8
	for k := range r {
		r[k] = all[i+uint(k)]>>s | all[i+uint(k)+1]<<1<<(63-s)
	}
	return r
}

// reverseWord reverses the lanes of the size within containers.
func reverseWord(container, size uint, a uint64) uint64 {
	a = bits.ReverseBytes64(a)
	// Now the bytes of each lane, and the containers, are the wrong way round.
	switch size {
	case 1:
		a = a>>8&0x00ff00ff00ff00ff | a&0x00ff00ff00ff00ff<<8
	case 2:
		a = bits.ReverseBytes64(a)
		return a>>32 | a<<32
	}
	switch container {
	case 1:
		a = a>>48 | a>>16&0xffff0000 | a<<16&0xffff00000000 | a<<48
	case 2:
		a = a>>32 | a<<32
	}
	return a
}
