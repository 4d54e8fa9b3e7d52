package x86

// Kinds of SSE3, SSSE3, SSE4.1 and SSE4.2. What works on each 64 bits alike, or packs, is of the older kinds.
const (
	kSSEAddSubPS = kindSSE4 + iota // SSE3
	kSSEAddSubPD
	kSSEHAddPS // Sub: sseAdd or sseSub
	kSSEHAddPD
	kSSEMovDup32 // Sub: the order of the elements
	kSSEMovDup64
	kMMXShufB // SSSE3
	kSSEShufB
	kMMXAlign
	kSSEAlign
	kSSEBlend // SSE4.1; Sub: bits of an element, as in the next
	kSSEBlendV
	kSSETest
	kSSEExtend // Sub: log2 of the bytes of an element before, and in bits 2-3 after; bit 4: by its sign
	kSSEMinPos
	kSSESumDiff
	kSSERoundPS
	kSSERoundPD
	kSSERoundSS
	kSSERoundSD
	kSSEDotPS
	kSSEDotPD
	kSSEExtract // Sub: log2 of the bytes, as in the next; bit 2: whatever REX.W says
	kSSEInsert
	kSSEInsertPS
	kSSEString // SSE4.2; Sub: stringIndex, stringImplicit
)

// sseRow is an instruction without a prefix on MMX registers, and with 66 on XMM registers; kind 0 is none.
type sseRow struct {
	opcode   uint8
	mmx, xmm Kind
	sub      uint8
	form     uint8
}

// sse38 are the instructions 0F 38 xx.
var sse38 = func() *sseMap {
	const sign = 1 << 4 // of kSSEExtend
	t := newSSEMap([]sseRow{
		{0x00, kMMXShufB, kSSEShufB, 0, 0},
		{0x01, kMMXPack, kSSEPack, packHAddW, 0},
		{0x02, kMMXPack, kSSEPack, packHAddD, 0},
		{0x03, kMMXPack, kSSEPack, packHAddSW, 0},
		{0x04, kMMXLane, kSSELane, lanePMAddUBSW, 0},
		{0x05, kMMXPack, kSSEPack, packHSubW, 0},
		{0x06, kMMXPack, kSSEPack, packHSubD, 0},
		{0x07, kMMXPack, kSSEPack, packHSubSW, 0},
		{0x08, kMMXLane, kSSELane, lanePSignB, 0},
		{0x09, kMMXLane, kSSELane, lanePSignW, 0},
		{0x0a, kMMXLane, kSSELane, lanePSignD, 0},
		{0x0b, kMMXLane, kSSELane, lanePMulHRSW, 0},
		{0x1c, kMMXLane, kSSELane, lanePAbsB, 0},
		{0x1d, kMMXLane, kSSELane, lanePAbsW, 0},
		{0x1e, kMMXLane, kSSELane, lanePAbsD, 0},

		{0x10, 0, kSSEBlendV, 8, 0},
		{0x14, 0, kSSEBlendV, 32, 0},
		{0x15, 0, kSSEBlendV, 64, 0},
		{0x17, 0, kSSETest, 0, 0},
		{0x20, 0, kSSEExtend, 0 | 1<<2 | sign, 0},
		{0x21, 0, kSSEExtend, 0 | 2<<2 | sign, 0},
		{0x22, 0, kSSEExtend, 0 | 3<<2 | sign, 0},
		{0x23, 0, kSSEExtend, 1 | 2<<2 | sign, 0},
		{0x24, 0, kSSEExtend, 1 | 3<<2 | sign, 0},
		{0x25, 0, kSSEExtend, 2 | 3<<2 | sign, 0},
		{0x28, 0, kSSELane, lanePMulDQ, 0},
		{0x29, 0, kSSELane, lanePCmpEqQ, 0},
		{0x2a, 0, kSSEMovA, 0, formMem}, // MOVNTDQA
		{0x2b, 0, kSSEPack, packUSDW, 0},
		{0x30, 0, kSSEExtend, 0 | 1<<2, 0},
		{0x31, 0, kSSEExtend, 0 | 2<<2, 0},
		{0x32, 0, kSSEExtend, 0 | 3<<2, 0},
		{0x33, 0, kSSEExtend, 1 | 2<<2, 0},
		{0x34, 0, kSSEExtend, 1 | 3<<2, 0},
		{0x35, 0, kSSEExtend, 2 | 3<<2, 0},
		{0x37, 0, kSSELane, lanePCmpGtQ, 0},
		{0x38, 0, kSSELane, lanePMinSB, 0},
		{0x39, 0, kSSELane, lanePMinSD, 0},
		{0x3a, 0, kSSELane, lanePMinUW, 0},
		{0x3b, 0, kSSELane, lanePMinUD, 0},
		{0x3c, 0, kSSELane, lanePMaxSB, 0},
		{0x3d, 0, kSSELane, lanePMaxSD, 0},
		{0x3e, 0, kSSELane, lanePMaxUW, 0},
		{0x3f, 0, kSSELane, lanePMaxUD, 0},
		{0x40, 0, kSSELane, lanePMulLD, 0},
		{0x41, 0, kSSEMinPos, 0, 0},
	})
	t.put(p66, 0x82, kINVPCID, 0, formMem)
	t.put(p66, 0xf5, kWRSS, 1, formMem)
	t.put(np, 0xf6, kWRSS, 0, formMem)
	t.put(pF2, 0xf0, kCRC32, 0, formByte)
	t.put(pF2, 0xf1, kCRC32, 0, 0)
	return t
}()

// sse3A are the instructions 0F 3A xx.
var sse3A = newSSEMap([]sseRow{
	{0x08, 0, kSSERoundPS, 0, formImm},
	{0x09, 0, kSSERoundPD, 0, formImm},
	{0x0a, 0, kSSERoundSS, 0, formImm},
	{0x0b, 0, kSSERoundSD, 0, formImm},
	{0x0c, 0, kSSEBlend, 32, formImm},
	{0x0d, 0, kSSEBlend, 64, formImm},
	{0x0e, 0, kSSEBlend, 16, formImm},
	{0x0f, kMMXAlign, kSSEAlign, 0, formImm},
	{0x14, 0, kSSEExtract, 0, formImm},
	{0x15, 0, kSSEExtract, 1, formImm},
	{0x16, 0, kSSEExtract, 2, formImm},
	{0x17, 0, kSSEExtract, 2 | 1<<2, formImm}, // EXTRACTPS, always of four bytes
	{0x20, 0, kSSEInsert, 0, formImm},
	{0x21, 0, kSSEInsertPS, 0, formImm},
	{0x22, 0, kSSEInsert, 2, formImm},
	{0x40, 0, kSSEDotPS, 0, formImm},
	{0x41, 0, kSSEDotPD, 0, formImm},
	{0x42, 0, kSSESumDiff, 0, formImm},
	{0x60, 0, kSSEString, 0, formImm},
	{0x61, 0, kSSEString, stringIndex, formImm},
	{0x62, 0, kSSEString, stringImplicit, formImm},
	{0x63, 0, kSSEString, stringImplicit | stringIndex, formImm},
})

func newSSEMap(rows []sseRow) *sseMap {
	t := new(sseMap)
	for _, r := range rows {
		if r.mmx != 0 {
			t.put(np, r.opcode, r.mmx, r.sub, r.form)
		}
		t.put(p66, r.opcode, r.xmm, r.sub, r.form)
	}
	return t
}
