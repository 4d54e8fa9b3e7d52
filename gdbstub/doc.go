// Package gdbstub is the target's side of gdb's remote serial protocol. It knows no emulator and no kernel: what is
// debugged is a Target, a struct of small interfaces of which an absent one is a feature not offered.
//
// # The three rings
//
//   - Protocol: bytes ↔ packets. packet.go finds packets in a stream, reply.go frames answers (checksum, escapes,
//     run-length encoding), wire.go has both ends with their acknowledgements, parse.go reads arguments.
//   - Requests: session.go is made of parts, each of which registers in requests.go what it answers: features.go (qSupported), qemu.go
//     (QEMU's packets), threads.go, registers.go, memory.go with search.go, resumption.go and stops.go (resuming, and why it ended),
//     nonstop.go, breakpoints.go, processes.go (attach, run, kill, detach), environment.go, events.go with signals.go, documents.go (qXfer)
//     with osdata.go, files.go, monitor.go. What all parts share is in core.go.
//   - Target: target.go is the contract, target_process.go its part about processes, description.go the registers,
//     agentexpr.go the conditions that a target evaluates itself, agentprint.go what breakpoints' commands print.
//
// # A session
//
// A Session is a state machine without a socket. Bytes go in by Feed and come out by Output. When the debugger has
// resumed the target, Running is true and Run calls the target's Control.Resume, which blocks until the next stop.
// Serve (serve.go, inbox.go) drives a Session over a connection, reads ahead while the target runs, and turns Ctrl-C and a lost connection into
// the cancellation of Resume's context. In non-stop mode Moving is true while threads run, and RunNonStop is called whenever
// there is nothing to read:
//
//	target := &gdbstub.Target{
//		Description: gdbstub.AArch64("none"),
//		Control:     m, // Attach, Resume, Detach
//		Threads:     m,
//		Registers:   m,
//		Memory:      m,
//		Breakpoints: m, // optional, as all that follow
//	}
//	err := gdbstub.Serve(ctx, conn, target, gdbstub.Options{})
//
// A Door accepts connections and lets debuggers in, one at a time; an Owner (owner.go) hears what a session says to the server
// rather than to the target.
//
// # What a client can rely on
//
// An unknown request gets the empty reply. One that is known but can't be done gets an error, Exx, or E.text if the
// client said error-message+ in qSupported. A damaged packet gets a NAK, one longer than PacketSize an error, and the session
// goes on in each case. When the connection ends, for whatever reason, the session's breakpoints are removed and the
// target hears why.
//
// A target without Processes is one inferior with thread-ids that have no process; ids of the form pPID.TID are understood.
// With Processes, a client that knows the multiprocess extension sees each as an inferior, with breakpoints and a target
// description of its own; one that doesn't sees the process of the first stop only.
//
// The protocol is described in the gdb manual, appendix "GDB Remote Serial Protocol".
package gdbstub
