// Package gdbstub is the target's side of gdb's remote serial protocol. It knows no emulator and no kernel: what is
// debugged is a Target, a struct of small interfaces of which an absent one is a feature not offered.
//
// There are three rings. The outer turns bytes into packets and back (packet.go, reply.go). The middle turns packets
// into calls, one file per family of packets (query.go, registers.go, memory.go, …). The inner is the Target.
//
// A Session joins them without any socket: bytes go in by Feed, bytes come out by Output, and when the debugger has
// resumed the target, Running says so and Run does it. Serve drives a Session over a connection.
package gdbstub
