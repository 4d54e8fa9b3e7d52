package x86

var (
	one  = sizes{{1}, {1}}
	two  = sizes{{2}, {2}}
	full = sizes{{4}, {4, 8}}
	near = sizes{{4}, {8}} // of what is pushed, and of the instruction pointer

	both = []shape{rx, mx}

	always = []cond{condO, condNO, condB, condAE, condE, condNE, condBE, condA, condS, condNS, condP, condNP, condL, condGE, condLE, condG}
	// What follows a comparison, a test, and an operation whose result is looked at.
	ordered = []cond{condB, condAE, condE, condNE, condBE, condA, condS, condNS, condL, condGE, condLE, condG}
	above   = []cond{condE, condNE, condBE, condA}
	signed  = []cond{condE, condNE, condS, condNS, condL, condGE, condLE, condG}
	signs   = []cond{condE, condNE, condS, condNS, condL, condGE}
	zero    = []cond{condE, condNE}
)

// hotTable has all hot forms. A new one is a row here and its body, in a file named hot_*.go, if no body does it yet; `go generate` then writes exec_unsafe.go and exec64_unsafe.go.
var hotTable = []hotRow{
	{[]Kind{kMOV}, full, []shape{rr, ri, rm, mr, mi, rb, br, bi}, hotMove, nil},
	{[]Kind{kMOV}, two, []shape{rm, mr, mi}, hotMove, nil},
	{[]Kind{kMOV}, one, []shape{rr, ri, rm, mr, mi}, hotMove, nil},
	{[]Kind{kMOVZX8, kMOVSX8, kMOVZX16, kMOVSX16}, full, both, hotExtend, nil},
	{[]Kind{kMOVSX32}, sizes{nil, {8}}, both, hotExtend, nil},
	{[]Kind{kMOVImm64}, sizes{nil, {8}}, []shape{rx}, hotImmediate, nil},
	{[]Kind{kLEA}, full, []shape{mx, bx}, hotAddress, nil},
	{[]Kind{kXCHG}, full, []shape{rr}, hotExchange, nil},
	{[]Kind{kBSWAP}, full, []shape{rx}, hotSwap, nil},
	{[]Kind{kCWD, kCBW}, full, []shape{none}, hotConvert, nil},
	{[]Kind{kSETcc}, one, []shape{rx}, hotSet1, always},
	{[]Kind{kCMOVcc}, full, []shape{rx}, hotMoveIf, always},
	{[]Kind{kNOP, kNOPRM}, full, []shape{none}, hotNothing, nil},

	{[]Kind{kADD, kSUB}, full, []shape{rr, ri}, hotArith, zero},
	{[]Kind{kADD, kSUB}, full, []shape{rm, mr, mi}, hotArith, nil},
	{[]Kind{kAND}, full, []shape{ri}, hotArith, zero},
	{[]Kind{kAND}, full, []shape{rr, rm, mr, mi}, hotArith, nil},
	{[]Kind{kOR, kADC, kSBB, kXOR}, full, []shape{rr, ri, rm, mr, mi}, hotArith, nil},
	{[]Kind{kADD, kOR, kADC, kSBB, kAND, kSUB, kXOR}, one, []shape{rr, ri, rm}, hotArith, nil},
	{[]Kind{kCMP}, full, []shape{rr, ri, rm, mr, mi}, hotCompare, ordered},
	{[]Kind{kCMP}, one, []shape{rr, ri, mi}, hotCompare, above},
	{[]Kind{kCMP}, one, []shape{rm, mr}, hotCompare, nil},
	{[]Kind{kTEST}, full, []shape{rr}, hotTest, signed},
	{[]Kind{kTEST}, full, []shape{ri, mr, mi}, hotTest, nil},
	{[]Kind{kTEST}, one, []shape{rr}, hotTest, signs},
	{[]Kind{kTEST}, one, []shape{ri}, hotTest, zero},
	{[]Kind{kTEST}, one, []shape{mi}, hotTest, nil},
	{[]Kind{kINC}, full, both, hotStep, nil},
	{[]Kind{kDEC}, full, []shape{rx}, hotStep, zero},
	{[]Kind{kDEC}, full, []shape{mx}, hotStep, nil},
	{[]Kind{kNOT, kNEG}, full, []shape{rx}, hotUnary, nil},
	{[]Kind{kSHL, kSHR, kSAL, kSAR}, full, []shape{ri, rc}, hotShift, nil},
	{[]Kind{kROL, kROR}, full, []shape{ri}, hotRotate, nil},
	{[]Kind{kIMULRegRM}, full, both, hotMultiply, nil},
	{[]Kind{kIMULRegRMImm}, full, []shape{rx}, hotMultiply, nil},
	{[]Kind{kMUL}, full, []shape{rx}, hotWideMultiply, nil},

	{[]Kind{kPUSHReg, kPUSHImm}, near, []shape{none}, hotPush, nil},
	{[]Kind{kPUSHRM}, near, both, hotPush, nil},
	{[]Kind{kPOPReg}, near, []shape{none}, hotPop, nil},
	{[]Kind{kLEAVE}, near, []shape{none}, hotLeave, nil},

	{[]Kind{kJMP}, near, []shape{none}, hotJump, nil},
	{[]Kind{kJcc}, near, []shape{none}, hotJumpIf, always},
	{[]Kind{kCALL}, near, []shape{none}, hotCall, nil},
	{[]Kind{kJMPRM, kCALLRM}, near, both, hotIndirect, nil},
	{[]Kind{kRET}, near, []shape{none}, hotReturn, nil},
	{[]Kind{kExit, kExitNext}, sizes{{0}, {0}}, []shape{none}, hotEnd, nil},
}
