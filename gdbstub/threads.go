package gdbstub

import (
	"slices"
	"strconv"
)

// threadList is the state of one qfThreadInfo/qsThreadInfo enumeration.
type threadList struct {
	ids  []ThreadID
	next int
}

// exact turns an id of the debugger into one of the target's: "any" and "all" are the current thread.
func (s *Session) exact(id ThreadID) ThreadID {
	if s.target.Processes != nil {
		return s.exactOfProcesses(id)
	}
	if id.TID <= 0 {
		return s.target.Threads.Current()
	}
	if id.PID <= 0 {
		id.PID = FlatPID
	}
	return id
}

// live is exact for a thread that must exist.
func (s *Session) live(id ThreadID) (ThreadID, error) {
	id = s.exact(id)
	if id == s.alive && id.TID > 0 {
		return id, nil
	}
	if id.TID <= 0 || !s.visible(id.PID) || !s.target.Threads.Alive(id) {
		return id, ErrNotFound
	}
	s.alive = id
	return id, nil
}

// threadID writes an id, with its process for a client that understands that.
func (s *Session) threadID(id ThreadID) { s.w.out = s.appendThreadID(s.w.out, id) }

func (s *Session) appendThreadID(b []byte, id ThreadID) []byte {
	if s.multiprocess() {
		b = append(appendNum(append(b, 'p'), uint64(id.PID)), '.')
	}
	return appendNum(b, uint64(id.TID))
}

// selectThread is H: g for registers and memory, c for the old resume packets.
func (s *Session) selectThread(rest []byte) error {
	a := args{rest: rest}
	var which *ThreadID
	switch {
	case a.accept('g'):
		which = &s.general
	case a.accept('c'):
		which = &s.resume
	default:
		return ErrUnsupported
	}
	id := a.thread()
	if !a.done() {
		return invalid("thread id")
	}
	if id.TID > 0 || id.PID > 0 && s.target.Processes != nil {
		exact, err := s.live(id)
		if err != nil {
			return err
		}
		if id.TID > 0 {
			id = exact
		}
	}
	*which = id
	return s.ok()
}

func (s *Session) threadAlive(rest []byte) error {
	a := args{rest: rest}
	id := a.thread()
	if !a.done() {
		return invalid("thread id")
	}
	if _, err := s.live(id); err != nil {
		return err
	}
	return s.ok()
}

func (s *Session) currentThread([]byte) error {
	if s.exited() {
		return ErrUnsupported
	}
	id := s.exact(s.general)
	if id.TID <= 0 {
		return ErrUnsupported
	}
	s.w.str("QC")
	s.threadID(id)
	return nil
}

// listThreads lists the live ones, or none after an exit.
func (s *Session) listThreads() []ThreadID {
	s.threads.ids = s.threads.ids[:0]
	if !s.exited() {
		s.threads.ids = s.target.Threads.AppendThreads(s.threads.ids)
	}
	if s.target.Processes != nil && !s.multiprocess() {
		s.threads.ids = slices.DeleteFunc(s.threads.ids, func(id ThreadID) bool { return id.PID != s.only })
	}
	return s.threads.ids
}

func (s *Session) firstThreads(rest []byte) error {
	s.listThreads()
	s.threads.next = 0
	return s.nextThreads(rest)
}

func (s *Session) nextThreads([]byte) error {
	l := &s.threads
	if l.next >= len(l.ids) {
		s.w.byte('l')
		return nil
	}
	s.w.byte('m')
	const room = 60 // one more id, at its longest
	for first := true; l.next < len(l.ids) && len(s.w.out)-s.w.open < s.opts.PacketSize-room; l.next++ {
		if !first {
			s.w.byte(',')
		}
		first = false
		s.threadID(l.ids[l.next])
	}
	return nil
}

// threadExtra is qThreadExtraInfo: one line for clients that don't read the thread list as XML.
func (s *Session) threadExtra(rest []byte) error {
	a := args{rest: rest}
	a.expect(',')
	id := a.thread()
	if !a.done() {
		return invalid("thread id")
	}
	id, err := s.live(id)
	if err != nil {
		return err
	}
	t, err := s.target.Threads.Thread(id)
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
	s.w.hexText(text)
	return nil
}

// threadsXML is the document of qXfer:threads:read.
func (s *Session) threadsXML() ([]byte, error) {
	b := []byte("<?xml version=\"1.0\"?>\n<threads>\n")
	for _, id := range s.listThreads() {
		t, err := s.target.Threads.Thread(id)
		if err != nil {
			// A thread that can't be described is still there, and the user must be able to select it.
			t = Thread{Extra: err.Error(), Core: -1}
		}
		b = append(b, "<thread"...)
		b = appendAttr(b, "id", string(s.appendThreadID(nil, id)))
		if t.Core >= 0 {
			b = appendAttr(b, "core", strconv.Itoa(t.Core))
		}
		if t.Name != "" {
			b = appendAttr(b, "name", t.Name)
		}
		b = append(b, '>')
		b = appendText(b, t.Extra)
		b = append(b, "</thread>\n"...)
	}
	s.threads.next = len(s.threads.ids)
	return append(b, "</threads>\n"...), nil
}
