package gdbstub

// Owner is whoever serves a session. It hears what a debugger says that concerns the server rather than the target. All calls
// come from the goroutine that serves the session, in the order of the protocol.
type Owner interface {
	// Extended: the debugger uses the extended protocol ('!'), in which a session outlives its processes. It may say so again.
	Extended()
	// Killing: the debugger wants an end of all that it debugs (k), which comes next.
	Killing()
	// Replying: the answer to a packet, or a stop, is complete and about to be sent. What the owner prints now precedes
	// everything that the debugger does on account of it.
	Replying()
}

// deaf is the Owner of a session that has none.
type deaf struct{}

func (deaf) Extended() {}
func (deaf) Killing()  {}
func (deaf) Replying() {}
