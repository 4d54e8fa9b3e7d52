package process

// signals is what is known of a thread's signals.
type signals struct {
	// now is the one that it has taken off its queue (atSignal); its number is 0 until it is known.
	now *signal
	// held was taken off the queue while the debugger wanted other threads to run.
	held *signal
	// given has the siginfo_t that the debugger wants the next signal it sends to have.
	given *signal
	// inject is the guest's number of one that the debugger sends, and rouse of one that only wakes the thread; 0 is none.
	inject, rouse int
	// hidden: the kernel does not know that there may be one.
	hidden bool
}

// signal is one off the queue: the guest's number and its siginfo_t.
type signal struct {
	number int
	at     uint64 // address of the siginfo_t in the kernel; 0 for a held one
	info   []byte
}

// siginfoSize is the size of the guest's siginfo_t.
const siginfoSize = 128

func (s *scene) readSiginfo(at uint64) []byte {
	b := make([]byte, siginfoSize)
	if err := s.guest.ReadMemory(at, b); err != nil {
		return nil
	}
	return b
}

// newSiginfo is that of a signal which the debugger sends: from a user, of process 0.
func newSiginfo(n int) []byte {
	b := make([]byte, siginfoSize)
	b[0] = byte(n)
	return b
}
