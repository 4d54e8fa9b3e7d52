package gdbstub

import (
	"bytes"
	"slices"
)

// breakpointKey is what makes two Z packets mean the same breakpoint.
type breakpointKey struct {
	kind    BreakpointKind
	address uint64
	size    uint64
}

// breakpointTable holds what the target has inserted for this session. gdb takes out all breakpoints at every stop
// and puts them back before it resumes; a removal is therefore only noted, and carried out at the next resume if it
// hasn't been taken back by then. A target's translations survive the stop that way.
type breakpointTable struct {
	inserted map[breakpointKey]*breakpointEntry
	stale    []*breakpointEntry // noted as removed, in that order, each once; some may have come back
}

type breakpointEntry struct {
	key     breakpointKey
	b       *Breakpoint
	removed bool
	listed  bool // in stale
}

// maxBreakpoints bounds what a client can make the emulator remember.
const maxBreakpoints = 1 << 16

func (t *breakpointTable) init() { t.inserted = map[breakpointKey]*breakpointEntry{} }

// flush carries out the removals that are still wanted.
func (t *breakpointTable) flush(s *Session) {
	for _, e := range t.stale {
		e.listed = false
		if e.removed {
			t.drop(s, e)
		}
	}
	t.stale = t.stale[:0]
}

// drop removes an entry from the target for good.
func (t *breakpointTable) drop(s *Session, e *breakpointEntry) {
	delete(t.inserted, e.key)
	e.removed = false
	if err := s.target.Breakpoints.Remove(e.b); err != nil {
		s.log("remove breakpoint: " + err.Error())
	}
}

// removeAll is for the session's end. The order is fixed, since it may reach a recorded machine.
func (t *breakpointTable) removeAll(s *Session) {
	all := make([]*breakpointEntry, 0, len(t.inserted))
	for _, e := range t.inserted {
		all = append(all, e)
	}
	slices.SortFunc(all, func(a, b *breakpointEntry) int {
		if c := int(a.key.kind) - int(b.key.kind); c != 0 {
			return c
		}
		if a.key.address != b.key.address {
			if a.key.address < b.key.address {
				return -1
			}
			return 1
		}
		if a.key.size < b.key.size {
			return -1
		}
		return 1
	})
	for _, e := range all {
		t.drop(s, e)
	}
	t.stale = t.stale[:0]
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

func (s *Session) insertBreakpoint(rest []byte) error {
	if s.target.Breakpoints == nil || len(rest) > 0 && rest[0] > '4' {
		return ErrUnsupported
	}
	a := args{rest: rest}
	key := breakpointArgs(&a)
	conditions, err := conditionList(&a)
	if err != nil {
		return err
	}
	if !a.done() {
		return invalid("breakpoint")
	}
	if key.kind >= WriteWatchpoint && key.size == 0 {
		return invalid("watchpoint of no bytes")
	}
	t := &s.breakpoints
	if e := t.inserted[key]; e != nil {
		if slices.EqualFunc(e.b.Conditions, conditions, func(x, y *AgentExpr) bool { return bytes.Equal(x.code, y.code) }) {
			e.removed = false
			return s.ok()
		}
		t.drop(s, e)
	}
	if len(t.inserted) >= maxBreakpoints {
		return invalid("too many breakpoints")
	}
	b := &Breakpoint{
		Kind:       key.kind,
		Thread:     s.exact(s.general),
		Address:    key.address,
		Size:       key.size,
		Conditions: conditions,
	}
	if err := s.target.Breakpoints.Insert(b); err != nil {
		return err
	}
	t.inserted[key] = &breakpointEntry{key: key, b: b}
	return s.ok()
}

// conditionList reads ";XLEN,HEX" as often as it comes; gdb writes the ';' once, before the first.
func conditionList(a *args) ([]*AgentExpr, error) {
	var list []*AgentExpr
	for a.accept(';') || len(list) > 0 && a.more() {
		a.expect('X')
		n := a.upTo(axMaxCode)
		a.expect(',')
		if a.bad || uint64(len(a.rest)) < 2*n {
			return nil, invalid("breakpoint condition")
		}
		code, ok := decodeHex(nil, a.rest[:2*n])
		if !ok {
			return nil, invalid("breakpoint condition")
		}
		a.rest = a.rest[2*n:]
		e, err := ParseAgentExpr(code)
		if err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	return list, nil
}

func (s *Session) removeBreakpoint(rest []byte) error {
	if s.target.Breakpoints == nil || len(rest) > 0 && rest[0] > '4' {
		return ErrUnsupported
	}
	a := args{rest: rest}
	key := breakpointArgs(&a)
	if !a.done() {
		return invalid("breakpoint")
	}
	// One that isn't there is no error: the packets are meant to be idempotent.
	if e := s.breakpoints.inserted[key]; e != nil && !e.removed {
		e.removed = true
		if !e.listed {
			e.listed = true
			s.breakpoints.stale = append(s.breakpoints.stale, e)
		}
	}
	return s.ok()
}
