package gdbstub

import (
	"bytes"
	"cmp"
	"slices"
)

// breakpointKey is what makes two Z packets mean the same breakpoint.
type breakpointKey struct {
	pid     int // of the process it belongs to
	kind    BreakpointKind
	address uint64
	size    uint64
}

// breakpoints holds what the target has inserted for this session. gdb takes out all breakpoints at every stop
// and puts them back before it resumes; a removal is therefore only noted, and carried out at the next resume if it
// hasn't been taken back by then. A target's translations survive the stop that way.
type breakpoints struct {
	*core
	inserted map[breakpointKey]*breakpointEntry
	code     int                // bytes of conditions that were sent for them
	stale    []*breakpointEntry // noted as removed, in that order, each once; some may have come back
}

type breakpointEntry struct {
	key     breakpointKey
	b       *Breakpoint
	code    int // bytes of its conditions
	removed bool
	listed  bool // in stale
}

// These bound what a client can make the emulator remember: breakpoints, and bytes of their conditions, which take about 25 times as much memory. gdb's
// are some dozen bytes long.
const (
	maxBreakpoints    = 1 << 16
	maxConditionBytes = 2 << 20
)

func newBreakpoints(c *core) *breakpoints {
	return &breakpoints{core: c, inserted: map[breakpointKey]*breakpointEntry{}}
}

func (t *breakpoints) register(r *requests) {
	r.letters['Z'] = t.insert
	r.letters['z'] = t.remove
}

// flush carries out the removals that are still wanted. It comes before everything for which the guest may run.
func (t *breakpoints) flush() {
	for _, e := range t.stale {
		e.listed = false
		if e.removed {
			t.drop(e)
		}
	}
	t.stale = t.stale[:0]
}

// drop removes an entry from the target for good.
func (t *breakpoints) drop(e *breakpointEntry) {
	delete(t.inserted, e.key)
	t.code -= e.code
	e.removed = false
	if err := t.target.Breakpoints.Remove(e.b); err != nil {
		t.log("remove breakpoint: " + err.Error())
	}
}

// removeAll removes those of one process, which has ended or is let go, or with allProcesses every one.
func (t *breakpoints) removeAll(pid int) {
	for _, e := range t.sorted(pid) {
		t.drop(e)
	}
	t.stale = slices.DeleteFunc(t.stale, func(e *breakpointEntry) bool { return pid == allProcesses || e.key.pid == pid })
}

const allProcesses = AllID

// sorted lists the entries of a process, or all. The order is fixed, since it may reach a recorded machine.
func (t *breakpoints) sorted(pid int) []*breakpointEntry {
	all := make([]*breakpointEntry, 0, len(t.inserted))
	for _, e := range t.inserted {
		if pid == allProcesses || e.key.pid == pid {
			all = append(all, e)
		}
	}
	slices.SortFunc(all, func(a, b *breakpointEntry) int {
		return cmp.Or(cmp.Compare(a.key.pid, b.key.pid), cmp.Compare(a.key.kind, b.key.kind),
			cmp.Compare(a.key.address, b.key.address), cmp.Compare(a.key.size, b.key.size))
	})
	return all
}

// inherit gives a new process what its parent has: its memory is a copy, in which a debugger expects the parent's
// breakpoints to be. They are in the target when the debugger hears of the fork.
func (t *breakpoints) inherit(parent int, child ThreadID) {
	for _, e := range t.sorted(parent) {
		key := e.key
		key.pid = child.PID
		if t.inserted[key] != nil || len(t.inserted) >= maxBreakpoints {
			continue
		}
		b := *e.b
		b.Thread = child
		if err := t.target.Breakpoints.Insert(&b); err != nil {
			t.log("breakpoint of a new process: " + err.Error())
			continue
		}
		t.inserted[key] = &breakpointEntry{key: key, b: &b}
	}
}

// breakpointArgs reads TYPE,ADDR,KIND from the front.
func breakpointArgs(a *args) breakpointKey {
	var k breakpointKey
	k.kind = BreakpointKind(a.upTo(uint64(AccessWatchpoint)))
	a.expect(',')
	k.address = a.num()
	a.expect(',')
	k.size = a.num()
	return k
}

func (t *breakpoints) insert(rest []byte) error {
	if t.target.Breakpoints == nil || len(rest) > 0 && rest[0] > '4' {
		return ErrUnsupported
	}
	a := args{rest: rest}
	key := breakpointArgs(&a)
	conditions, commands, err := breakpointExtras(&a)
	if err != nil {
		return err
	}
	if !a.done() {
		return invalid("breakpoint")
	}
	if key.kind >= WriteWatchpoint && key.size == 0 {
		return invalid("watchpoint of no bytes")
	}
	id, err := t.owner()
	if err != nil {
		return err
	}
	key.pid = id.PID
	if e := t.inserted[key]; e != nil {
		if sameCode(e.b.Conditions, conditions) && sameCode(e.b.Commands, commands) {
			e.removed = false
			return t.ok()
		}
		t.drop(e)
	}
	code := codeSize(conditions) + codeSize(commands)
	switch {
	case len(t.inserted) >= maxBreakpoints:
		return invalid("too many breakpoints")
	case t.code+code > maxConditionBytes:
		return invalid("too many conditions and commands")
	}
	b := &Breakpoint{
		Kind:       key.kind,
		Thread:     id,
		Address:    key.address,
		Size:       key.size,
		Conditions: conditions,
		Commands:   commands,
		print:      t.print,
	}
	if d, err := t.description(id.PID); err == nil {
		b.long = d.registers[d.Generic("pc")].Bits
	}
	if err := t.target.Breakpoints.Insert(b); err != nil {
		return err
	}
	t.inserted[key] = &breakpointEntry{key: key, b: b, code: code}
	t.code += code
	return t.ok()
}

// owner is the thread that a new breakpoint is for: the selected one. A process of which nothing is left has none.
func (t *breakpoints) owner() (ThreadID, error) {
	if t.target.Processes == nil {
		return t.exact(t.general), nil
	}
	return t.live(t.general)
}

func sameCode(a, b []*AgentExpr) bool {
	return slices.EqualFunc(a, b, func(x, y *AgentExpr) bool { return bytes.Equal(x.code, y.code) })
}

func codeSize(list []*AgentExpr) (n int) {
	for _, e := range list {
		n += len(e.code)
	}
	return n
}

// breakpointExtras reads the conditions and the commands of a Z packet: ";XLEN,HEX" as often as it comes, where gdb writes the ';' once, and
// ";cmds:PERSIST,XLEN,HEX" with all commands. Whether they are to stay when the debugger has left is no question: nothing of a session does.
func breakpointExtras(a *args) (conditions, commands []*AgentExpr, err error) {
	for a.more() {
		separated := a.accept(';')
		if rest, ok := bytes.CutPrefix(a.rest, []byte("cmds:")); ok && separated {
			a.rest = rest
			a.upTo(1)
			a.expect(',')
			commands, err = expressionList(a)
			return conditions, commands, err
		}
		if !separated && len(conditions) == 0 {
			return nil, nil, invalid("breakpoint")
		}
		c, err := expression(a)
		if err != nil {
			return nil, nil, err
		}
		if len(c.prints) > 0 {
			return nil, nil, invalid("breakpoint condition that prints")
		}
		conditions = append(conditions, c)
	}
	return conditions, nil, nil
}

func expressionList(a *args) (list []*AgentExpr, err error) {
	for a.more() || len(list) == 0 {
		e, err := expression(a)
		if err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	return list, nil
}

// expression takes XLEN,HEX.
func expression(a *args) (*AgentExpr, error) {
	a.expect('X')
	n := a.upTo(axMaxCode)
	a.expect(',')
	if a.bad || uint64(len(a.rest)) < 2*n {
		return nil, invalid("agent expression of a breakpoint")
	}
	code, ok := decodeHex(nil, a.rest[:2*n])
	if !ok {
		return nil, invalid("agent expression of a breakpoint")
	}
	a.rest = a.rest[2*n:]
	return ParseAgentExpr(code)
}

// print takes what commands print, while the target runs: to where the owner wants it, or to the debugger.
func (t *breakpoints) print(text []byte) {
	if t.opts.Printed != nil {
		t.opts.Printed(text)
		return
	}
	t.w.console(text)
	if !t.w.sending && t.w.flush != nil {
		t.w.flush()
	}
}

func (t *breakpoints) remove(rest []byte) error {
	if t.target.Breakpoints == nil || len(rest) > 0 && rest[0] > '4' {
		return ErrUnsupported
	}
	a := args{rest: rest}
	key := breakpointArgs(&a)
	if !a.done() {
		return invalid("breakpoint")
	}
	// One that isn't there is no error: the packets are meant to be idempotent.
	key.pid = t.exact(t.general).PID
	if e := t.inserted[key]; e != nil && !e.removed {
		e.removed = true
		if !e.listed {
			e.listed = true
			t.stale = append(t.stale, e)
		}
	}
	return t.ok()
}
