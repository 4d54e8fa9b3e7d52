package arm64

// get and set access lane i of elements of 8 << size bits.
func (v *vreg) get(size uint, i int) uint64 {
	switch size {
	case 0:
		return v[i>>3] >> (8 * (i & 7)) & 0xff
	case 1:
		return v[i>>2] >> (16 * (i & 3)) & 0xffff
	case 2:
		return v[i>>1] >> (32 * (i & 1)) & 0xffffffff
	}
	return v[i]
}

func (v *vreg) set(size uint, i int, x uint64) {
	switch size {
	case 0:
		s := 8 * (i & 7)
		v[i>>3] = v[i>>3]&^(0xff<<s) | x&0xff<<s
	case 1:
		s := 16 * (i & 3)
		v[i>>2] = v[i>>2]&^(0xffff<<s) | x&0xffff<<s
	case 2:
		s := 32 * (i & 1)
		v[i>>1] = v[i>>1]&^(0xffffffff<<s) | x&0xffffffff<<s
	default:
		v[i] = x
	}
}

var rowsSIMDSame, rowsSIMDMisc, rowsSIMDMove, rowsSIMDShift, rowsSIMDWide, rowsSIMDIndexed []row
