package gdbstub

import (
	"slices"
	"strconv"
)

// threads answers which threads there are. It holds the state of one qfThreadInfo/qsThreadInfo enumeration.
type threads struct {
	*core
	ids  []ThreadID
	next int

	// The document that was sent last, and the census then. It serves once more after each step that left the census as it was (stepped): gdb asks for
	// the list at every stop. Who looks at it asks again.
	sent    []byte
	census  uint64
	counted bool
	stepped bool
}

// many threads are too many to be described anew at each step.
const many = 256

func (l *threads) register(r *requests) {
	r.letters['H'] = l.selectThread
	r.letters['T'] = l.isAlive
	r.names["qC"] = l.currentThread
	r.names["qfThreadInfo"] = l.firstThreads
	r.names["qsThreadInfo"] = l.nextThreads
	r.names["qThreadExtraInfo"] = l.threadExtra
}

// selectThread is H: g for registers and memory, c for the old resume packets.
func (l *threads) selectThread(rest []byte) error {
	a := args{rest: rest}
	var which *ThreadID
	switch {
	case a.accept('g'):
		which = &l.general
	case a.accept('c'):
		which = &l.resume
	default:
		return ErrUnsupported
	}
	id := a.thread()
	if !a.done() {
		return invalid("thread id")
	}
	if which == &l.general && l.target.Processes != nil && l.exited() {
		return ErrNotFound
	}
	if id.TID > 0 || id.PID > 0 && l.target.Processes != nil {
		exact, err := l.live(id)
		if err != nil {
			return err
		}
		if id.TID > 0 {
			id = exact
		}
	}
	*which = id
	return l.ok()
}

func (l *threads) isAlive(rest []byte) error {
	a := args{rest: rest}
	id := a.thread()
	if !a.done() {
		return invalid("thread id")
	}
	if _, err := l.live(id); err != nil {
		return err
	}
	return l.ok()
}

func (l *threads) currentThread([]byte) error {
	if l.exited() {
		return ErrUnsupported
	}
	id := l.exact(l.general)
	if id.TID <= 0 {
		return ErrUnsupported
	}
	l.w.str("QC")
	l.threadID(id)
	return nil
}

// listThreads lists the live ones, or none after an exil.
func (l *threads) listThreads() []ThreadID {
	l.ids = l.ids[:0]
	if !l.exited() {
		l.ids = l.target.Threads.AppendThreads(l.ids)
	}
	if l.target.Processes != nil && !l.multiprocess() {
		l.ids = slices.DeleteFunc(l.ids, func(id ThreadID) bool { return id.PID != l.only })
	}
	return l.ids
}

func (l *threads) firstThreads(rest []byte) error {
	l.listThreads()
	l.next = 0
	return l.nextThreads(rest)
}

func (l *threads) nextThreads([]byte) error {
	if l.next >= len(l.ids) {
		l.w.byte('l')
		return nil
	}
	l.w.byte('m')
	const room = 60 // one more id, at its longest
	for first := true; l.next < len(l.ids) && len(l.w.out)-l.w.open < l.opts.PacketSize-room; l.next++ {
		if !first {
			l.w.byte(',')
		}
		first = false
		l.threadID(l.ids[l.next])
	}
	return nil
}

// threadExtra is qThreadExtraInfo: one line for clients that don't read the thread list as XML.
func (l *threads) threadExtra(rest []byte) error {
	a := args{rest: rest}
	a.expect(',')
	id := a.thread()
	if !a.done() {
		return invalid("thread id")
	}
	id, err := l.live(id)
	if err != nil {
		return err
	}
	t, err := l.target.Threads.Thread(id)
	if err != nil {
		return err
	}
	text := printable(t.Name)
	if t.Extra != "" {
		if text != "" {
			text += ": "
		}
		text += printable(t.Extra)
	}
	if text == "" {
		text = "thread"
	}
	l.w.hexText(text)
	return nil
}

// stoppedAfter takes note of how the target went on to its present stop.
func (l *threads) stoppedAfter(plan *Plan) {
	action := plan.For(l.stop.Thread).Action
	l.stepped = action == ActionStep || action == ActionRange
}

// threadsXML is the document of qXfer:threads:read.
func (l *threads) threadsXML() ([]byte, error) {
	census, counted := uint64(0), false
	if c, ok := l.target.Threads.(Census); ok {
		census, counted = c.Census()
	}
	if l.stepped && counted && l.counted && census == l.census && len(l.ids) >= many {
		l.stepped = false
		return l.sent, nil
	}
	l.census, l.counted, l.stepped = census, counted, false
	var err error
	l.sent, err = l.describe()
	return l.sent, err
}

func (l *threads) describe() ([]byte, error) {
	b := []byte("<?xml version=\"1.0\"?>\n<threads>\n")
	for _, id := range l.listThreads() {
		t, err := l.target.Threads.Thread(id)
		if err != nil {
			// A thread that can't be described is still there, and the user must be able to select it.
			t = Thread{Extra: err.Error(), Core: -1}
		}
		b = append(b, "<thread"...)
		b = appendAttr(b, "id", string(l.appendThreadID(nil, id)))
		if t.Core >= 0 {
			b = appendAttr(b, "core", strconv.Itoa(t.Core))
		}
		if t.Name != "" {
			b = appendAttr(b, "name", t.Name)
		}
		if len(t.Handle) > 0 {
			b = appendAttr(b, "handle", string(appendHex(nil, t.Handle)))
		}
		b = append(b, '>')
		b = appendText(b, t.Extra)
		b = append(b, "</thread>\n"...)
	}
	l.next = len(l.ids)
	return append(b, "</threads>\n"...), nil
}
