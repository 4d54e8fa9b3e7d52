package arm64

import (
	"bytes"
	"fmt"
	"math/rand"
	"strings"
	"testing"

	"forkscope/machine/cpu"
	"forkscope/machine/snapshot"
)

// The memory of the machines that TestFormsAgree compares: tables, vectors, data, and code in slots of slotBytes for each case, of
// which every second page is EL1's.
const (
	formSize    = 5 << 20
	formTables  = testBase + 0x8000
	formVectors = testBase + 0x10000
	formData    = testBase + 0x20000
	formDataEnd = testBase + 0x40000
	formCode    = testBase + 0x100000
	slotBytes   = 16
	formCases   = (testBase + formSize - formCode) / 2 / slotBytes // as many as there is code for
)

// triplets are machines in the same state. The first runs each word by its kind in exec, the second by its kind in interpret, and the third by the
// function of its row.
type triplets struct {
	byExec, byBody, byRow *board
	r                     *rand.Rand
	cases                 []formCase
	slow                  int // how often byExec has run a row's function
	base                  sysregs
}

func (w *triplets) all() [3]*board { return [3]*board{w.byExec, w.byBody, w.byRow} }

// formCase is one instruction, or a comparison and a branch.
type formCase struct {
	name  string
	words []uint32
	el    int
	at    uint64
}

func newTriplets(t *testing.T) *triplets {
	w := &triplets{r: oracleRand(t)}
	content := make([]byte, formDataEnd-formData)
	w.r.Read(content)
	for _, m := range []**board{&w.byExec, &w.byBody, &w.byRow} {
		b := newBoard(t, formSize, echoBus{})
		b.ram.Write(formData, content)
		formSpace(b)
		b.Run(0) // takes the orders
		*m = b
	}
	w.base = w.byRow.sys
	for i := range rows {
		run := rows[i].exec
		if run == nil {
			continue
		}
		rows[i].exec = func(c *CPU, word uint32) status {
			if c == w.byExec.CPU {
				w.slow++
			}
			return run(c, word)
		}
		t.Cleanup(func() { rows[i].exec = run })
	}
	return w
}

// formSpace maps the first GB as a device would be, RAM by pages, and of the data each eighth page in a way of its own.
func formSpace(b *board) {
	const user, readOnly = 1 << 6, 1 << 7
	b.mapIdentity(formTables, 1)
	b.store(formTables+0x1000+8, formTables+0x2000|3)
	for i := uint64(0); i < formSize>>21+1; i++ {
		b.store(formTables+0x2000+i*8, formTables+0x3000+i<<12|3)
	}
	for i := uint64(0); i < formSize>>12; i++ {
		at := testBase + i<<12
		d := at | 1<<10 | 3
		switch {
		case at >= formCode && i&1 == 0:
			d |= user
		case at >= formData && at < formDataEnd:
			d |= user
			switch i & 31 {
			case 4:
				d |= readOnly
			case 8:
				d = 0
			case 12:
				d &^= user
			case 16:
				d = 0x1000 | 1<<10 | 3 | user // no RAM
			case 20:
				d |= 1 << 2 // Device memory
			}
		}
		b.store(formTables+0x3000+i*8, d)
	}
	b.sys.vbar = formVectors
	b.flushTLB()
}

// add lays a case out, at a random exception level. All code is written before any runs: writing beside decoded code drops it, and with it what
// the TLB knows about stores.
func (w *triplets) add(t *testing.T, name string, words ...uint32) {
	i := len(w.cases)
	if i == formCases {
		t.Fatal("no room is left for code")
	}
	el := w.r.Intn(2)
	page, slot := uint64(i/(4096/slotBytes)), uint64(i%(4096/slotBytes))
	at := formCode + (2*page+uint64(el))<<12 + slot*slotBytes
	for _, b := range w.all() {
		b.code(at, append(words[:len(words):len(words)], 0x14000000)...)
	}
	w.cases = append(w.cases, formCase{name, words, el, at})
}

// address is one of the data, often close to a page's end.
func (w *triplets) address() uint64 {
	at := formData + uint64(w.r.Intn(formDataEnd-formData))
	if w.r.Intn(4) == 0 {
		at = at | 0xfff - uint64(w.r.Intn(32))
	} else if w.r.Intn(2) == 0 {
		at &^= 15
	}
	return at
}

// state gives all machines the same random state for the word.
func (w *triplets) state(el int, word uint32) {
	r := w.r
	var x [31]uint64
	for i := range x {
		switch r.Intn(4) {
		case 0:
			x[i] = w.address()
		case 1:
			x[i] = signed(r.Uint64(), uint(1+r.Intn(10)))
		default:
			x[i] = randomWord(r)
		}
	}
	if rn := word >> 5 & 31; rn < 31 && r.Intn(4) != 0 {
		x[rn] = w.address()
	}
	if rm := word >> 16 & 31; rm < 31 && rm != word>>5&31 {
		switch r.Intn(3) {
		case 0:
			x[rm] = signed(r.Uint64(), uint(1+r.Intn(10)))
		case 1:
			if rn := word >> 5 & 31; rn < 31 {
				x[rm] = x[rn]
			}
		}
	}
	sys := w.base
	if r.Intn(8) == 0 {
		sys.sctlr ^= []uint64{sctlrA, sctlrSA, sctlrSA0}[r.Intn(3)]
	}
	sys.cpacr = cpacrFP
	if r.Intn(8) == 0 {
		sys.cpacr = uint64(r.Intn(4)) << 20
	}
	sps := [2]uint64{w.address() &^ 15, w.address() &^ 15}
	if r.Intn(8) == 0 {
		sps = [2]uint64{w.address(), w.address()}
	}
	flagKind, flagA, flagB, nzcv := uint8(r.Intn(3)), randomWord(r), randomWord(r), uint8(r.Intn(16))
	fpcr, fpsr := uint64(r.Intn(4))<<22, uint64(r.Intn(32))
	spsel, pan, monitored := r.Intn(2) == 0, r.Intn(8) == 0, monitor{true, w.address() &^ 15, 8}
	var v [32]vreg
	for i := range v {
		v[i] = randomVector(r)
	}
	for _, b := range w.all() {
		if b.sys.ttbr0 != sys.ttbr0 || b.sys.ttbr1 != sys.ttbr1 || b.sys.tcr != sys.tcr || b.sys.mair != sys.mair || (b.sys.sctlr^sys.sctlr)&^(sctlrA|sctlrSA|sctlrSA0) != 0 {
			b.sys = sys
			b.flushTLB()
		}
		b.sys = sys
		copy(b.x[:], x[:])
		b.sp = sps
		b.el, b.spsel, b.pan = uint8(el), el != 0 && spsel, pan
		b.x[regSP] = b.sp[b.spBank()]
		b.flagKind, b.flagA, b.flagB, b.nzcv = flagKind, flagA, flagB, nzcv
		b.v = v
		b.fp.setFPCR(fpcr)
		b.fp.setFPSR(fpsr)
		b.daif, b.il, b.ss, b.halted, b.monitor, b.exiting, b.stepped = 0, false, false, false, monitored, false, 0
		b.selfHostedChanged()
		b.contextChanged()
	}
	if r.Intn(4) != 0 {
		w.byExec.warm()
		w.byBody.warm()
	}
}

// warm lets the bodies reach all data that may be reached without a look.
func (b *board) warm() {
	c := b.CPU
	for va := uint64(formData); va < formDataEnd; va += 0x1000 {
		e, fsc := c.translate(va, c.el)
		if fsc != 0 || e.device || c.el != 0 && c.pan && e.userData() || !c.ram.Contains(e.pa, 1) {
			continue
		}
		for _, write := range []bool{false, true} {
			need := permRead
			if write {
				need = permWrite
			}
			if e.perm>>(need+int(c.el))&1 != 0 {
				c.cachePage(va, e.pa, c.el, access{write: write})
			}
		}
	}
}

// run executes a case on all, and returns what differs afterwards.
func (w *triplets) run(k *formCase) string {
	w.state(k.el, k.words[0])
	before := w.byRow.x
	n := len(k.words)
	w.byExec.byKinds((*CPU).exec, k.at, n)
	w.byBody.byKinds((*CPU).interpret, k.at, n)
	w.byRow.byRows(k.at, k.words)
	d := w.diff()
	if d == "" {
		return ""
	}
	var b strings.Builder
	for i, v := range before[:regZero] {
		fmt.Fprintf(&b, " x%d=%#x", i, v)
	}
	return fmt.Sprintf("%s: %08x at EL%d%s\n\tbefore%s", k.name, k.words, k.el, d, &b)
}

// begin is what Run does before it executes the instruction at pc.
func (b *board) begin(pc uint64) *CPU {
	c := b.CPU
	c.orders = cpu.Orders{AtException: true, Held: true}
	c.leave, c.raised, c.pc = false, false, pc
	return c
}

// byKinds executes the n instructions at pc, each until one does not retire.
func (b *board) byKinds(run func(c *CPU, b *block, pc, now, stop uint64), pc uint64, n int) {
	c := b.begin(pc)
	code := c.findBlock()
	if code.n > n {
		code = c.prefix(code, n)
	}
	run(c, code, pc, c.clock.Retired, c.clock.Retired+uint64(n))
}

// byRows does so by the functions of the words' rows.
func (b *board) byRows(pc uint64, words []uint32) {
	c := b.begin(pc)
	for i, word := range words {
		at := c.pc
		row := findRow(word)
		switch c.execWord(word, uint16(row)) {
		case stNext, stEnd:
			c.pc += 4
		case stFault:
			return
		}
		c.clock.Retired++
		if i+1 < len(words) && c.pc != at+4 {
			return
		}
	}
}

// diff says how the states differ.
func (w *triplets) diff() string {
	var b strings.Builder
	var states, data [3][]byte
	for i, m := range w.all() {
		if m.x[regZero] != 0 {
			b.WriteString("\n\tthe zero register was written")
		}
		m.raised, m.CPU.toUser = false, false
		states[i] = append(snapshot.Keep(m.State), snapshot.Keep(m.clock.State)...)
		data[i] = make([]byte, formDataEnd-formData)
		m.ram.Read(formData, data[i])
	}
	for i, by := range []string{"exec", "interpret"} {
		if !bytes.Equal(states[i], states[2]) {
			got, want := w.all()[i].fields(), w.byRow.fields()
			for k := range got {
				if got[k] != want[k] {
					fmt.Fprintf(&b, "\n\tby %s %s\n\tby its row %s", by, got[k], want[k])
				}
			}
			b.WriteString("\n\tthe states differ")
		}
		if at := differ(data[i], data[2]); at >= 0 {
			fmt.Fprintf(&b, "\n\tmemory %#x: by %s %02x, by its row %02x", formData+at, by, data[i][at], data[2][at])
			w.all()[i].ram.Write(formData, data[2])
		}
	}
	return b.String()
}

// differ is the first place at which a and b differ, or -1.
func differ(a, b []byte) int {
	if bytes.Equal(a, b) {
		return -1
	}
	for i := range a {
		if a[i] != b[i] {
			return i
		}
	}
	return -1
}

// fields lists the state.
func (b *board) fields() (list []string) {
	v := snapshot.NewTrace(func(name string, p any) {
		switch p := p.(type) {
		case *uint64:
			list = append(list, fmt.Sprintf("%s %#x", name, *p))
		case *uint8:
			list = append(list, fmt.Sprintf("%s %#x", name, *p))
		case *bool:
			list = append(list, fmt.Sprintf("%s %v", name, *p))
		case []uint64:
			list = append(list, fmt.Sprintf("%s %#x", name, p))
		}
	})
	b.State(v)
	b.clock.State(v)
	return list
}

// ofForm gives a word of row i's form f.
func ofForm(r *rand.Rand, i int, f *form) (word uint32, ok bool) {
	mask, value := rows[i].mask|f.mask, rows[i].value|f.value
	for range 1000 {
		word = value | r.Uint32()&^mask
		if e := find(word); e != nil && int(e.row) == i && (f.body == nil || e.kind == f.kind) {
			return word, true
		}
	}
	return 0, false
}

// TestFormsAgree runs each form of each instruction in three ways, on random states: by the kind that the decoder gives it, through exec's switch and through the
// form's body, and by the function of its row. Registers, flags, memory, PC, counts and exceptions must be the same; each row must have been run, and
// each form without help of its row's function.
func TestFormsAgree(t *testing.T) {
	buildIndex()
	w := newTriplets(t)
	const each = 40
	for i := range rows {
		r := &rows[i]
		for range each {
			word, ok := randomOf(w.r, i)
			if !ok {
				t.Fatalf("%s: no valid encoding found", r.name)
			}
			w.add(t, r.name, word)
		}
		for k := range r.hot {
			for range each {
				word, ok := ofForm(w.r, i, &r.hot[k])
				if !ok {
					t.Fatalf("%s: no word has the form %s", r.name, r.hot[k].name)
				}
				w.add(t, r.name+", "+r.hot[k].name, word)
			}
		}
	}
	for range 20 * each { // compare and branch
		registers, wide := w.r.Uint32()&(31<<16|31<<5|31), w.r.Uint32()&(1<<31)
		word := 0x6b000000 | registers | wide
		if w.r.Intn(2) == 0 {
			word = 0x71000000 | registers&(31<<5|31) | wide | w.r.Uint32()&(3<<10)
		}
		w.add(t, "compare and branch", word, 0x54000040|w.r.Uint32()&15)
	}
	for range each {
		if word := w.r.Uint32(); findRow(word) < 0 {
			w.add(t, "undefined", word)
		}
	}
	ran, alone := map[int]int{}, map[uint16]int{}
	failed := 0
	for i := range w.cases {
		k := &w.cases[i]
		var o [3]op
		for i, word := range k.words {
			ran[decode(word, uint64(i)*4, &o[i])]++
		}
		fuse(&o[0], &o[1])
		w.slow = 0
		if d := w.run(k); d != "" {
			if failed++; failed < 20 {
				t.Error(d)
			}
		}
		if w.slow == 0 {
			alone[o[0].kind]++
		}
	}
	for i := range rows {
		if ran[i] == 0 {
			t.Errorf("%s was not run", rows[i].name)
		}
	}
	for kind := range forms {
		if alone[uint16(kind)] == 0 && kind != int(kindEnd) {
			t.Errorf("%s was not run without its row's function", forms[kind].name)
		}
	}
	t.Logf("%d cases, %d differ", len(w.cases), failed)
}
