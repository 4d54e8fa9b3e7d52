package x86

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"forkscope/machine/cpu"
	"forkscope/scripts/oracle"
)

var updateTable = flag.Bool("x86.update", false, "write testdata/coverage.txt anew")

// The oracles, as columns of the coverage table.
const (
	byHostInt = iota // the host's integer instructions, in the tests of native_int_test.go
	byHostFPU        // the host's x87, MMX and SSE, in those of fpu_*_test.go
	byBochs          // Bochs, in the tests of native_int_test.go
	byQEMU           // the system image
	byHost64         // the host, in the tests of native64_test.go
	oracles
)

// The comparisons that the table counts.
var (
	workSingle         = oracle.Work{Do: compareSingle}
	workSequence       = oracle.Work{Do: compareSequence}
	workSegments       = oracle.Work{Do: compareSegments}
	workThin           = oracle.Work{Do: compareThin}
	workX87Registers   = oracle.Work{Do: compareX87Registers}
	workX87Memory      = oracle.Work{Do: compareX87Memory}
	workSSE            = oracle.Work{Do: compareSSE}
	workSSE4           = oracle.Work{Do: compareSSE4}
	workMix            = oracle.Work{Do: compareMix}
	workTranscendental = oracle.Work{Do: compareTranscendental}
	workReciprocals    = oracle.Work{Do: compareReciprocals}
	workSystem         = oracle.Work{Do: compareSystem}
	workSystem64       = oracle.Work{Do: compareSystem64}
	workSingle64       = oracle.Work{Do: compareSingle64}
	workSequence64     = oracle.Work{Do: compareSequence64}
	workThin64         = oracle.Work{Do: compareThin64}
)

var works = []*oracle.Work{&workSingle, &workSequence, &workSegments, &workThin, &workX87Registers, &workX87Memory, &workSSE, &workSSE4, &workMix, &workTranscendental, &workReciprocals, &workSystem, &workSystem64, &workSingle64, &workSequence64, &workThin64}

// exercised is how often each kind completed where an oracle was asked for the same. An instruction that faults does not count.
var exercised [oracles]struct {
	total int
	kind  [kindLast]int
}

func countExercised(oracle int, k Kind) {
	exercised[oracle].total++
	exercised[oracle].kind[k]++
}

// transfers are the kinds that complete with the instruction pointer elsewhere than behind them.
var transfers = map[Kind]bool{
	kJMP: true, kJcc: true, kCALL: true, kJMPRM: true, kCALLRM: true, kRET: true, kLOOPNE: true, kLOOPE: true, kLOOP: true, kJCXZ: true,
	kJMPFar: true, kCALLFar: true, kJMPFarMem: true, kCALLFarMem: true, kRETF: true, kIRET: true, kSYSENTER: true, kSYSEXIT: true, kSYSRET: true,
}

var interrupts = map[Kind]bool{kINT: true, kINT3: true, kINTO: true, kSYSCALL: true}

// stepOp executes one instruction and returns it as the step decoded it; completed is false when it faulted. exit is that of
// the run of one instruction.
func stepOp(m *machine) (op Op, exit cpu.Exit, completed bool) {
	c := m.c
	ip, cpl := c.ip, c.cpl
	fetched := false
	if !c.halted {
		if b := c.lookup(c.mode | modeStep); b != nil {
			op, fetched = b.ops[0], true
		} else {
			c.exc = exception{} // Run meets it again
		}
	}
	exit = m.upTo(m.clk.Retired + 1)
	switch {
	case !fetched:
		return op, exit, false
	case interrupts[op.Cold]:
		return op, exit, true
	case transfers[op.Cold]:
		return op, exit, cpl != 3 || c.cpl == 3
	}
	// A repeated string instruction stays where it is until its last iteration.
	return op, exit, c.ip == ip+uint64(op.Len)
}

// countNative executes a case again, step by step, and counts the kinds of the instructions that completed, as the run of whole
// blocks had them: blocks maps the offset in the page of code to what was there in that run.
func countNative(m *machine, n *nativeCase, blocks map[uint16]Op, columns []int) {
	c := m.c
	m.load(n)
	const most = 2000 // steps: some cases never end
	for range most {
		if c.halted {
			return
		}
		user, off := c.cpl == 3, uint16(c.PC()&0xfff)
		// A hot kind serves memory only when its page is in the TLB; else the general one does.
		page := uint32(nativeData) >> 12 % tlbSize
		warm := c.rd[page].tag != 0 && c.wr[page].tag != 0
		op, exit, ok := stepOp(m)
		if exit.Reason != cpu.Limit && exit.Reason != cpu.Halt {
			return
		}
		if !user || !ok {
			continue
		}
		k := op.Cold
		if was, found := blocks[off]; found && (warm || !touchesMemory(&was)) {
			k = was.Kind
		}
		for _, column := range columns {
			countExercised(column, k)
		}
	}
}

func touchesMemory(op *Op) bool {
	switch op.Cold {
	case kPUSHReg, kPUSHImm, kPUSHRM, kPOPReg, kLEAVE, kCALL, kCALLRM, kRET:
		return true
	case kLEA:
		return false
	}
	return op.Flags&FlagMem != 0 || op.Cold == kMOV && (op.Sub == formAccMem || op.Sub == formMemAcc)
}

// decodedOps collects the ops of the page of user code by offset. The second op of a fused pair runs only when the first one's
// memory is slow, so it is left out.
func (m *machine) decodedOps() map[uint16]Op {
	ops := map[uint16]Op{}
	for _, first := range m.c.code.At(physCode).Slots {
		for b := first; b != nil; b = b.Next() {
			if mode(b.Mode)&modeStep != 0 {
				continue
			}
			for i := range b.ops {
				if i > 0 && fused(b.ops[i-1].Kind) || b.ops[i].Cold == kExitNext || b.ops[i].Cold == kExit {
					continue
				}
				if was, ok := ops[b.ops[i].Off]; !ok || !fused(was.Kind) {
					ops[b.ops[i].Off] = b.ops[i]
				}
			}
		}
	}
	return ops
}

func fused(k Kind) bool { return int(k) < len(hotForms) && hotForms[k].fused() }

// countSystem runs the image step by step.
func countSystem(m *machine, over *bool) {
	for steps := 0; !*over && steps < 60_000_000; steps++ {
		op, exit, ok := stepOp(m)
		if exit.Reason != cpu.Limit && exit.Reason != cpu.Requested && exit.Reason != cpu.Halt {
			return
		}
		if ok {
			countExercised(byQEMU, op.Cold)
		}
	}
}

// notExercised gives the reason for each kind that no oracle can be asked about, and the test that has it instead.
var notExercised = map[string]string{
	"kUD":       "no instruction: only raises #UD; sreg_6 and cr_1 of the system image, TestUndefinedIsReportedOnce",
	"kTooLong":  "no instruction: only raises #GP; too_long of the system image",
	"kExitNext": "no instruction: the end of a block",
	"kExit":     "no instruction: the end of a block",
	"hExitNext": "no instruction: the end of a block",
	"hExit":     "no instruction: the end of a block",
	"wExitNext": "no instruction: the end of a block",
	"wExit":     "no instruction: the end of a block",
	"kINVPCID":  "QEMU's translator has none; TestINVPCID",
	"kINCSSP":   shadowStacks, "kRSTORSSP": shadowStacks, "kSAVEPREVSSP": shadowStacks, "kWRSS": shadowStacks,
	"kINT1":  "QEMU raises #UD; int1 of the system image has the manual's #DB instead",
	"kHLT":   "waits for an interrupt, and the system image has no source of any; TestInterruptShadow",
	"kRDPMC": "QEMU has none, and the host's counters count; these always read 0",
}

// thin gives the reason for each kind that was compared fewer than ten times.
var thin = map[string]string{
	"kIN": ioPorts, "kINS": ioPorts, "kOUTS": ioPorts, "kCLI": ioPorts, "kSTI": ioPorts,
	"kSYSENTER": systemOnly, "kSYSEXIT": systemOnly, "kSLDT": systemOnly, "kSGDT": systemOnly, "kSIDT": systemOnly, "kSMSW": systemOnly,
	"kLMSW": systemOnly, "kINVLPG": systemOnly, "kCLTS": systemOnly, "kMOVFromDR": systemOnly, "kCPUID": systemOnly, "kRDTSC": systemOnly,
	"kRDMSR": systemOnly, "kWRMSR": systemOnly, "kINVD": systemOnly, "kWBINVD": systemOnly,
	"kSYSCALL": systemOnly, "kSYSRET": systemOnly, "kSWAPGS": systemOnly, "kBASE": systemOnly, "kCLAC": systemOnly, "kXGETBV": systemOnly,
	"kXSETBV": systemOnly, "kXSAVE": systemOnly, "kXRSTOR": systemOnly, "kRDPKRU": systemOnly, "kWRPKRU": systemOnly, "kRDTSCP": systemOnly,
	"kRDSSP": shadowStacks,
}

const (
	ioPorts      = "needs I/O privilege: the system image has a case for each form"
	shadowStacks = "the host and QEMU have no shadow stacks; TestShadowStack, and kernel/testdata/shstk.c under Bochs"
	systemOnly   = "privileged, or differs between hosts: the system image has a case for each form"
)

// kindNames reads the names of all kinds from their declarations; those of hot forms are made of their general kind's.
func kindNames(t *testing.T) map[Kind]string {
	t.Helper()
	names := map[Kind]string{}
	starts := map[string]Kind{"kindInt": kindInt, "kindFPU": kindFPU, "kindMMX": kindMMX, "kindSSE": kindSSE, "kindSSE4": kindSSE4}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.CONST {
				continue
			}
			first := g.Specs[0].(*ast.ValueSpec)
			if len(first.Values) != 1 {
				continue
			}
			sum, ok := first.Values[0].(*ast.BinaryExpr)
			if !ok {
				continue
			}
			base, ok := sum.X.(*ast.Ident)
			if !ok {
				continue
			}
			k, ok := starts[base.Name]
			if !ok {
				continue
			}
			for _, s := range g.Specs {
				names[k] = s.(*ast.ValueSpec).Names[0].Name
				k++
			}
		}
	}
	for k := range kindLast {
		if coldFunc[k] != nil && names[k] == "" {
			t.Fatalf("kind %d (%s) has no declaration", k, k.Name())
		}
	}
	if names[kExitNext] != "kExitNext" {
		t.Fatalf("the declarations are not in order: %s", names[kExitNext])
	}
	for k, f := range hotForms {
		names[Kind(k)] = "h" + formName(f, names)
		if f.long {
			names[Kind(k)] = "w" + formName(f, names)
		}
	}
	return names
}

// class is the order of magnitude of a count.
func class(n int) string {
	switch {
	case n == 0:
		return "0"
	case n < 10:
		return "1+"
	case n < 100:
		return "10+"
	case n < 1000:
		return "100+"
	}
	return "1000+"
}

// TestOracleTable fails for kinds that no oracle was asked about and that have no reason, and compares what was asked with testdata/coverage.txt: the table says how often at least, with room for other seeds.
func TestOracleTable(t *testing.T) {
	for _, w := range works {
		w.Needed(t)
	}
	names := kindNames(t)
	const path = "testdata/coverage.txt"
	table := map[string][]string{}
	text, err := os.ReadFile(path)
	if err != nil && !*updateTable {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) > oracles {
			table[f[0]] = f[1 : 1+oracles]
		}
	}
	least := map[string]int{"0": 0, "1+": 1, "10+": 10, "100+": 100, "1000+": 1000}
	var b strings.Builder
	fmt.Fprintf(&b, "%-14s %-8s %-8s %-8s %-8s %-8s %-16s %s\n", "KIND", "HOST-INT", "HOST-FPU", "BOCHS", "QEMU", "HOST-64", "NAME", "REASON")
	for k := range kindLast {
		name := names[k]
		if name == "" {
			continue
		}
		sum := 0
		var classes [oracles]string
		for i := range classes {
			n := exercised[i].kind[k]
			sum += n
			classes[i] = class((n + 1) / 2)
			row := table[name]
			switch {
			case *updateTable:
			case row == nil:
				t.Errorf("%s is not in %s", name, path)
			case n < least[row[i]]:
				t.Errorf("%s: oracle %d was asked %d times, the table has %s", name, i, n, row[i])
			}
		}
		reason := notExercised[name]
		switch {
		case sum == 0 && reason == "":
			t.Errorf("%s was never compared with an oracle", name)
		case sum != 0 && reason != "":
			t.Errorf("%s was compared with an oracle %d times, but there is a reason why not", name, sum)
		}
		if !slices.ContainsFunc(classes[:], func(c string) bool { return len(c) > len("1+") }) && sum != 0 {
			if reason = thin[name]; reason == "" && sum < 10 {
				t.Errorf("%s was compared with an oracle %d times only, and there is no reason why", name, sum)
			}
		}
		mnemonic := k.Name()
		if mnemonic == "" {
			mnemonic = "-" // hot kinds and ends of blocks have no row of their own
		}
		line := fmt.Sprintf("%-14s %-8s %-8s %-8s %-8s %-8s %-16s %s", name, classes[0], classes[1], classes[2], classes[3], classes[4], mnemonic, reason)
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	if *updateTable {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for i := range exercised {
		t.Logf("oracle %d: %d instructions", i, exercised[i].total)
	}
}
