package machine

import (
	"encoding/binary"
	"fmt"

	"forkscope/machine/clock"
	"forkscope/machine/cpu"
	"forkscope/machine/timeline"
)

// What a host does to the guest. Each of these is noted with its moment in the log of the run, if it changes anything, and Replay does it again. While a
// log is being repeated, what the host does starts another future: the rest of the log is forgotten.

// Input types p at the guest's console. Any goroutine may call it. Nothing is ever lost: what the guest does not take yet waits.
func (m *Machine) Input(p []byte) { m.gate.Put(consoleSource, p) }

// Log is what the host has done so far, up to the present moment.
func (m *Machine) Log() *timeline.Log { return m.gate.Log().Until(m.clk.Mark()) }

// Replay makes the machine, before its first Run, have everything happen to it that happened to another one, at the same moments. Where the log
// ends, the machine goes on as any other. A machine whose run turns out to be another than the log's stops (Diverged).
func (m *Machine) Replay(l *timeline.Log) { m.gate.Feed(l) }

// Repeat makes a machine and repeats a run on it, up to where its log ends.
func Repeat(cfg Config, l *timeline.Log) (*Machine, Stop, error) {
	m, err := New(cfg)
	if err != nil {
		return nil, Stop{}, err
	}
	m.Replay(l)
	o := cpu.NoOrders
	o.Until = l.End
	return m, m.Run(&o), nil
}

// WriteMemory writes p at the physical address pa, and returns how many bytes lay in RAM.
func (m *Machine) WriteMemory(pa uint64, p []byte) int {
	m.leaveLog()
	n := m.ram.Write(pa, p)
	if n > 0 {
		m.note(timeline.Effect{Kind: timeline.Memory, N: pa, Data: p[:n]})
	}
	return n
}

// WriteRegister sets register i of the CPU, by its number in CPU().Registers(), from its bytes, little-endian. Values that the hardware cannot hold are
// an error, and change nothing.
func (m *Machine) WriteRegister(i int, p []byte) error {
	m.leaveLog()
	if err := m.cpu.WriteRegister(i, p); err != nil {
		return err
	}
	m.note(timeline.Effect{Kind: timeline.Register, N: uint64(i), Data: p})
	return nil
}

// EnterKernel makes the CPU leave user mode as by a page fault that finds nothing wrong; see cpu.CPU. In kernel mode it does nothing.
func (m *Machine) EnterKernel() { m.leaveUser(timeline.Effect{Kind: timeline.EnterKernel}) }

// FaultWrite makes the CPU leave user mode as by the page fault of a write to va; see cpu.CPU. In kernel mode it does nothing.
func (m *Machine) FaultWrite(va uint64) {
	m.leaveUser(timeline.Effect{Kind: timeline.FaultWrite, N: va})
}

// EnterSyscall makes the CPU leave user mode as by a system call, to come back to the same instruction; see cpu.CPU. In kernel mode it does nothing.
func (m *Machine) EnterSyscall() { m.leaveUser(timeline.Effect{Kind: timeline.EnterSyscall}) }

// leaveUser lets an effect happen that is none in kernel mode.
func (m *Machine) leaveUser(e timeline.Effect) {
	m.leaveLog()
	e.At = m.clk.Mark()
	if err := m.apply(e); err != nil {
		panic("BUG: " + err.Error())
	}
	if m.clk.Mark() != e.At {
		m.gate.Note(e)
	}
}

// Borrow keeps the CPU's state, for a call of one of the guest's functions, until GiveBack puts it back. Each Borrow has its GiveBack; those of a
// call within a call come first. Time passes meanwhile, memory is changed, and devices and timers go on.
func (m *Machine) Borrow() { m.do(timeline.Effect{Kind: timeline.Borrow}) }

// GiveBack makes the CPU's state that of the latest Borrow again.
func (m *Machine) GiveBack() { m.do(timeline.Effect{Kind: timeline.GiveBack}) }

// Flush makes the CPU forget its translations.
func (m *Machine) Flush() { m.do(timeline.Effect{Kind: timeline.Flush}) }

// SkipIdle lets time pass, up to the next event, in which the CPU executes nothing: in real time what has passed on the host since the guest was
// stopped, and else all. With no event to come it does nothing.
func (m *Machine) SkipIdle() {
	next, now := m.clk.Next(), m.clk.Now()
	if next == clock.Never || next <= now {
		return
	}
	ns := next - now
	if m.pace.real {
		ns = min(ns, m.pace.sinceStop())
	}
	m.do(timeline.Effect{Kind: timeline.Skip, N: ns})
}

// RealTime reports whether an idle guest's time passes as the host's does.
func (m *Machine) RealTime() bool { return m.pace.real }

// do lets an effect of the host's own happen.
func (m *Machine) do(e timeline.Effect) {
	if e.Kind == timeline.Skip && e.N == 0 {
		return
	}
	m.leaveLog()
	e.At = m.clk.Mark()
	if err := m.apply(e); err != nil {
		panic("BUG: " + err.Error())
	}
	m.gate.Note(e)
}

// leaveLog is called before the host does something: the present moment's own events come first.
func (m *Machine) leaveLog() {
	m.clk.RunDue()
	if m.gate.Feeding() {
		m.gate.Cut()
		m.streams.goLive()
	}
}

// note logs an effect that has happened at the present moment.
func (m *Machine) note(e timeline.Effect) {
	e.At = m.clk.Mark()
	m.gate.Note(e)
}

// admit lets in what is to enter now: the effects of a log that is being repeated, and live input.
func (m *Machine) admit() {
	for m.gate.Feeding() {
		e := *m.gate.Next()
		now := m.clk.Mark()
		if now.Before(e.At) {
			return
		}
		if e.At.Before(now) {
			m.diverged(fmt.Sprintf("it is at %v already", now))
			return
		}
		m.clk.RunDue()
		if err := m.apply(e); err != nil {
			m.diverged(err.Error())
			return
		}
		if e.Kind != timeline.End {
			m.gate.Note(e)
		}
		if m.gate.Step(); !m.gate.Feeding() {
			m.streams.goLive()
		}
	}
	if !m.gate.Pending() {
		return
	}
	m.clk.RunDue()
	for _, e := range m.gate.Take() {
		m.note(e)
		if err := m.apply(e); err != nil {
			m.log.WithError(err).Warn("input that makes no sense is ignored")
		}
	}
}

// diverged ends a run that is not the one of the log.
func (m *Machine) diverged(why string) {
	m.end = &Stop{Reason: Diverged, Status: 1, text: fmt.Sprintf("this is not the run of the log: where that has (%v), %s", m.gate.Next(), why)}
	m.gate.Cut()
}

// apply makes an effect happen.
func (m *Machine) apply(e timeline.Effect) error {
	switch e.Kind {
	case timeline.Input:
		if e.Source != consoleSource {
			return m.streams.enter(e.Source, e.Data, m.gate.Feeding())
		}
		m.board.Console.Receive(e.Data)
	case timeline.Memory:
		if m.ram.Write(e.N, e.Data) != len(e.Data) {
			return fmt.Errorf("no RAM at %#x", e.N)
		}
	case timeline.Register:
		if e.N >= uint64(len(m.cpu.Registers())) {
			return fmt.Errorf("there is no register %d", e.N)
		}
		return m.cpu.WriteRegister(int(e.N), e.Data)
	case timeline.EnterKernel:
		m.cpu.EnterKernel()
	case timeline.FaultWrite:
		m.cpu.FaultWrite(e.N)
	case timeline.EnterSyscall:
		m.cpu.EnterSyscall()
	case timeline.Borrow:
		m.lent = append(m.lent, m.cpu.Capture())
	case timeline.GiveBack:
		if len(m.lent) == 0 {
			return fmt.Errorf("the CPU was not borrowed")
		}
		m.cpu.Restore(m.lent[len(m.lent)-1])
		m.lent = m.lent[:len(m.lent)-1]
	case timeline.Hold:
		m.held = e.N != 0
	case timeline.Skip:
		m.clk.PassTo(m.clk.Now() + e.N)
	case timeline.Watch:
		list, err := decodeWatches(e.Data)
		m.watched = quiet(list)
		return err
	case timeline.Flush:
		m.cpu.Flush()
	case timeline.Settle:
		m.cpu.Settle()
	case timeline.End:
	default:
		return fmt.Errorf("no effect is of kind %d", e.Kind)
	}
	return nil
}

// quiet is a set of watchpoints whose pages are only reached as watched ones are.
func quiet(list []cpu.Watchpoint) *cpu.WatchSet {
	s := cpu.NewWatchSet(list)
	s.Quiet = true
	return s
}

// encodeWatches writes watchpoints as address, length and kind of each, of 8 bytes, little-endian.
func encodeWatches(list []cpu.Watchpoint) []byte {
	var b []byte
	for _, w := range list {
		b = binary.LittleEndian.AppendUint64(b, w.Addr)
		b = binary.LittleEndian.AppendUint64(b, w.Len)
		b = binary.LittleEndian.AppendUint64(b, uint64(w.Kind))
	}
	return b
}

func decodeWatches(b []byte) (list []cpu.Watchpoint, err error) {
	if len(b)%24 != 0 {
		return nil, fmt.Errorf("%d bytes are no watchpoints", len(b))
	}
	for ; len(b) > 0; b = b[24:] {
		list = append(list, cpu.Watchpoint{
			Addr: binary.LittleEndian.Uint64(b), Len: binary.LittleEndian.Uint64(b[8:]), Kind: cpu.WatchKind(b[16]),
		})
	}
	return list, nil
}
