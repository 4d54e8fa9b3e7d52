package x86

var (
	flat32 = []mode{mode32 | modeFlat}
	both   = []shape{rx, mx}

	always = []cond{condO, condNO, condB, condAE, condE, condNE, condBE, condA, condS, condNS, condP, condNP, condL, condGE, condLE, condG}
	// What follows a comparison, a test, and an operation whose result is looked at.
	ordered = []cond{condB, condAE, condE, condNE, condBE, condA, condS, condNS, condL, condGE, condLE, condG}
	above   = []cond{condE, condNE, condBE, condA}
	signed  = []cond{condE, condNE, condS, condNS, condL, condGE, condLE, condG}
	signs   = []cond{condE, condNE, condS, condNS, condL, condGE}
	zero    = []cond{condE, condNE}
)

// hotTable has all hot forms. A new one is a row here and its body, in a file named hot_*.go, if no body does it yet; `go generate` then writes exec_unsafe.go.
var hotTable = []hotRow{
	{[]Kind{kMOV}, 4, []shape{rr, ri, rm, mr, mi, rb, br, bi}, flat32, hotMove, nil},
	{[]Kind{kMOV}, 2, []shape{rm, mr, mi}, flat32, hotMove, nil},
	{[]Kind{kMOV}, 1, []shape{rr, ri, rm, mr, mi}, flat32, hotMove, nil},
	{[]Kind{kMOVZX8, kMOVSX8, kMOVZX16, kMOVSX16}, 4, both, flat32, hotExtend, nil},
	{[]Kind{kLEA}, 4, []shape{mx, bx}, flat32, hotAddress, nil},
	{[]Kind{kXCHG}, 4, []shape{rr}, flat32, hotExchange, nil},
	{[]Kind{kBSWAP}, 4, []shape{rx}, flat32, hotSwap, nil},
	{[]Kind{kCWD, kCBW}, 4, []shape{none}, flat32, hotConvert, nil},
	{[]Kind{kSETcc}, 1, []shape{rx}, flat32, hotSet1, always},
	{[]Kind{kCMOVcc}, 4, []shape{rx}, flat32, hotMoveIf, always},
	{[]Kind{kNOP, kNOPRM}, 4, []shape{none}, flat32, hotNothing, nil},

	{[]Kind{kADD, kSUB}, 4, []shape{rr, ri}, flat32, hotArith, zero},
	{[]Kind{kADD, kSUB}, 4, []shape{rm, mr, mi}, flat32, hotArith, nil},
	{[]Kind{kAND}, 4, []shape{ri}, flat32, hotArith, zero},
	{[]Kind{kAND}, 4, []shape{rr, rm, mr, mi}, flat32, hotArith, nil},
	{[]Kind{kOR, kADC, kSBB, kXOR}, 4, []shape{rr, ri, rm, mr, mi}, flat32, hotArith, nil},
	{[]Kind{kADD, kOR, kADC, kSBB, kAND, kSUB, kXOR}, 1, []shape{rr, ri, rm}, flat32, hotArith, nil},
	{[]Kind{kCMP}, 4, []shape{rr, ri, rm, mr, mi}, flat32, hotCompare, ordered},
	{[]Kind{kCMP}, 1, []shape{rr, ri, mi}, flat32, hotCompare, above},
	{[]Kind{kCMP}, 1, []shape{rm, mr}, flat32, hotCompare, nil},
	{[]Kind{kTEST}, 4, []shape{rr}, flat32, hotTest, signed},
	{[]Kind{kTEST}, 4, []shape{ri, mr, mi}, flat32, hotTest, nil},
	{[]Kind{kTEST}, 1, []shape{rr}, flat32, hotTest, signs},
	{[]Kind{kTEST}, 1, []shape{ri}, flat32, hotTest, zero},
	{[]Kind{kTEST}, 1, []shape{mi}, flat32, hotTest, nil},
	{[]Kind{kINC}, 4, both, flat32, hotStep, nil},
	{[]Kind{kDEC}, 4, []shape{rx}, flat32, hotStep, zero},
	{[]Kind{kDEC}, 4, []shape{mx}, flat32, hotStep, nil},
	{[]Kind{kNOT, kNEG}, 4, []shape{rx}, flat32, hotUnary, nil},
	{[]Kind{kSHL, kSHR, kSAL, kSAR}, 4, []shape{ri, rc}, flat32, hotShift, nil},
	{[]Kind{kROL, kROR}, 4, []shape{ri}, flat32, hotRotate, nil},
	{[]Kind{kIMULRegRM}, 4, both, flat32, hotMultiply, nil},
	{[]Kind{kIMULRegRMImm}, 4, []shape{rx}, flat32, hotMultiply, nil},
	{[]Kind{kMUL}, 4, []shape{rx}, flat32, hotWideMultiply, nil},

	{[]Kind{kPUSHReg, kPUSHImm}, 4, []shape{none}, flat32, hotPush, nil},
	{[]Kind{kPUSHRM}, 4, both, flat32, hotPush, nil},
	{[]Kind{kPOPReg}, 4, []shape{none}, flat32, hotPop, nil},
	{[]Kind{kLEAVE}, 4, []shape{none}, flat32, hotLeave, nil},

	{[]Kind{kJMP}, 4, []shape{none}, flat32, hotJump, nil},
	{[]Kind{kJcc}, 4, []shape{none}, flat32, hotJumpIf, always},
	{[]Kind{kCALL}, 4, []shape{none}, flat32, hotCall, nil},
	{[]Kind{kJMPRM, kCALLRM}, 4, both, flat32, hotIndirect, nil},
	{[]Kind{kRET}, 4, []shape{none}, flat32, hotReturn, nil},
	{[]Kind{kExit, kExitNext}, 0, []shape{none}, nil, hotEnd, nil},
}
