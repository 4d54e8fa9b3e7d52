package x86

import (
	"encoding/binary"
	"fmt"
	"math"
	"testing"
)

// The host's 64-bit mode is an oracle for the 32-bit instructions that it has too. With the upper halves of the registers zero, and an
// address-size prefix before whatever has a memory operand (so that addresses wrap at 4 GiB), they do the same; some need another encoding
// (SDM vol. 2, 2.2.1 and appendix A). Whatever uses the stack, loads segments or was removed has another meaning there, and 16-bit addresses
// have no encoding.

// code64 is code for 64-bit mode; at maps the offset of each of its instructions, and of its end, to that in the 32-bit code.
type code64 struct {
	code []byte
	at   map[uint32]uint32
}

// only32 are the kinds of which 64-bit mode has no equal.
var only32 = map[Kind]bool{
	kUD: true, kTooLong: true,
	kPUSHReg: true, kPUSHRM: true, kPUSHImm: true, kPUSHA: true, kPUSHF: true, kPUSHSeg: true,
	kPOPReg: true, kPOPRM: true, kPOPA: true, kPOPF: true, kPOPSeg: true, kENTER: true, kLEAVE: true,
	kCALL: true, kCALLRM: true, kCALLFar: true, kCALLFarMem: true, kRET: true, kRETF: true, kIRET: true,
	kJMPRM: true, kJMPFar: true, kJMPFarMem: true, kINTO: true, kINT1: true, kSYSENTER: true, kSYSEXIT: true,
	kDAA: true, kDAS: true, kAAA: true, kAAS: true, kAAM: true, kAAD: true, kSALC: true, kBOUND: true, kARPL: true,
	kMOVToSeg: true, kMOVFromSeg: true, kLoadFar: true,
}

// sizedByAddress are the kinds without a ModRM operand that take ESI, EDI, ECX or EBX by the size of addresses.
var sizedByAddress = map[Kind]bool{
	kMOVS: true, kCMPS: true, kSTOS: true, kLODS: true, kSCAS: true, kINS: true, kOUTS: true, kXLAT: true,
	kLOOP: true, kLOOPE: true, kLOOPNE: true, kJCXZ: true,
}

// encode64 writes 32-bit code for 64-bit mode, or says that it cannot.
func encode64(code []byte) (*code64, bool) {
	type branch struct {
		end    int // of the instruction there; the displacement is before it
		size   int
		target uint32 // here
	}
	e := &code64{at: map[uint32]uint32{}}
	there := map[uint32]int{}
	var branches []branch
	for pos := 0; pos < len(code); {
		var d decoder
		var op Op
		d.code = append(append([]byte{}, code[pos:]...), make([]byte, 16)...)
		d.decode(&op, mode32|modeFlat)
		if pos+int(op.Len) > len(code) || only32[op.Kind] {
			return nil, false
		}
		there[uint32(pos)] = len(e.code)
		e.at[uint32(len(e.code))] = uint32(pos)
		b := code[pos : pos+int(op.Len)]
		pos += len(b)
		next, size, ok := recode(b, &op)
		if !ok {
			return nil, false
		}
		e.code = append(e.code, next...)
		if size > 0 {
			rel := int32(int8(b[len(b)-1]))
			if enc := opcodeOf(b).enc; enc&encRel != 0 {
				rel = int32(binary.LittleEndian.Uint32(b[len(b)-4:]))
			}
			branches = append(branches, branch{len(e.code), size, uint32(pos) + uint32(rel)})
		}
	}
	there[uint32(len(code))] = len(e.code)
	e.at[uint32(len(e.code))] = uint32(len(code))
	for _, b := range branches {
		to, ok := there[b.target]
		rel := to - b.end
		switch {
		case !ok:
			return nil, false
		case b.size == 4:
			binary.LittleEndian.PutUint32(e.code[b.end-4:], uint32(rel))
		case rel < math.MinInt8 || rel > math.MaxInt8:
			return nil, false
		default:
			e.code[b.end-1] = byte(rel)
		}
	}
	return e, len(e.code) <= nativeCodeMax
}

// cutPrefixes separates an instruction's prefixes from the rest.
func cutPrefixes(b []byte) (prefixes, rest []byte) {
	for i, c := range b {
		switch c {
		case 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3:
		default:
			return b[:i:i], b[i:]
		}
	}
	return b, nil
}

// opcodeOf is the entry of the opcode maps for an instruction.
func opcodeOf(b []byte) *encoding {
	if _, b = cutPrefixes(b); b[0] == 0x0f {
		return &twoByte[b[1]]
	}
	return &oneByte[b[0]]
}

// recode writes one instruction. For a branch, size is that of the displacement at its end, which is left open.
func recode(b []byte, op *Op) (out []byte, size int, ok bool) {
	prefixes, rest := cutPrefixes(b)
	op16 := false
	for _, p := range prefixes {
		switch p {
		case 0x64, 0x65, 0x67: // segments with a base, 16-bit addresses
			return nil, 0, false
		case 0x66:
			op16 = true
		}
	}
	enc := opcodeOf(b)
	switch {
	case enc.enc&(encRel|encRel8) != 0:
		if op16 { // processors differ
			return nil, 0, false
		}
		switch op.Kind {
		case kJMP:
			return []byte{0xe9, 0, 0, 0, 0}, 4, true
		case kJcc:
			return []byte{0x0f, 0x80 | op.Sub&15, 0, 0, 0, 0}, 4, true
		}
		return []byte{0x67, rest[0], 0}, 1, true // LOOP and JECXZ
	case rest[0]&0xf0 == 0x40: // REX there
		return append(prefixes, 0xff, 0xc0|rest[0]&0xf), 0, true
	case rest[0] == 0x82:
		rest = append([]byte{0x80}, rest[1:]...)
	case rest[0] == 0x0f && rest[1] == 0x0d && rest[2] >= 0xc0: // reserved; AMD's processors raise #UD
		return nil, 0, false
	case op16 && (op.Kind == kSHLD || op.Kind == kSHRD) && !(op.Sub == formRMImm && op.Imm&31 <= 16): // the result of a larger count is undefined
		return nil, 0, false
	}
	opcode := 1
	if rest[0] == 0x0f {
		opcode = 2
	}
	memory := enc.enc&encModRM != 0 && enc.enc&encRegOnly == 0 && rest[opcode] < 0xc0
	if memory || enc.enc&encMoffs != 0 || sizedByAddress[op.Kind] {
		prefixes = append(prefixes, 0x67)
	}
	out = append(prefixes, rest[:opcode]...)
	if memory && rest[opcode]&0xc7 == 5 { // an address alone is relative to RIP there, unless a SIB byte says that there is no base
		out = append(out, rest[opcode]&^7|4, 0x25)
		opcode++
	}
	out = append(out, rest[opcode:]...)
	return out, 0, len(out) <= maxLength
}

// TestEncode64 are the rules, one by one.
func TestEncode64(t *testing.T) {
	for _, test := range []struct{ code, want string }{
		{"01c8", "01c8"},
		{"40", "ffc0"},
		{"664f", "66ffcf"},
		{"8b4508", "678b4508"},
		{"8b0578563412", "678b042578563412"},
		{"668105785634120100", "66678104257856341201" + "00"},
		{"a178563412", "67a178563412"},
		{"f3a4", "f367a4"},
		{"d7", "67d7"},
		{"82c001", "80c001"},
		{"4074fd", "ffc00f84f8ffffff"},
		{"eb01904190", "e90100000090" + "ffc190"},
		{"e2fe", "67e2fd"},
		{"0f85fafeffff", ""}, // out of the code
		{"50", ""},           // push eax
		{"37", ""},           // aaa
		{"678b07", ""},       // 16-bit address
		{"648b07", ""},       // FS
		{"e800000000", ""},   // call
		{"0f0dc0", ""},       // not the same on all hosts
		{"66eb00", ""},       // nor this
		{"660fadc8", ""},     // nor this, with some counts
		{"660facc810", "660facc810"},
		{"c5f877", ""},             // VEX there
		{"9a000000002300", ""},     // far
		{"8ed8", ""},               // mov ds, ax
		{"26368b07", "2636678b07"}, // no effect in either
	} {
		var code []byte
		fmt.Sscanf(test.code, "%x", &code)
		e, ok := encode64(code)
		got := ""
		if ok {
			got = fmt.Sprintf("%x", e.code)
		}
		if got != test.want {
			t.Errorf("%s became %q, want %q", test.code, got, test.want)
		}
	}
}
