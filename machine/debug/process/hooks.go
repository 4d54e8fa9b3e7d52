package process

import (
	"forkscope/kernel/introspect"
	"forkscope/machine/debug/control"
	"forkscope/machine/debug/guest"
)

// hooks are the places in the kernel at which processes are followed, by breakpoints of the emulator's, which the guest cannot see. They are
// set only while a process is debugged.
type hooks struct {
	breaks *control.Breaks
	at     map[uint64]introspect.Hook
	armed  bool
	// handled is where the hook has been seen to.
	handled control.Moment
	// taken is where dequeue_signal returns to get_signal, once known.
	taken uint64
}

func (h *hooks) find(g *guest.Guest) {
	h.breaks = &g.Control.Breaks
	h.at = g.OS.Hooks()
}

// arm sets the hooks or takes them away.
func (h *hooks) arm(want bool) {
	if want == h.armed {
		return
	}
	h.armed = want
	set := h.breaks.Release
	if want {
		set = h.breaks.Hold
	}
	for va := range h.at {
		set(va)
	}
	if h.taken != 0 {
		set(h.taken)
	}
	h.handled = control.Moment{}
}

// here says whether the CPU is at one of them, where nothing in the kernel is half done.
func (h *hooks) here(pc uint64) bool { return h.armed && (h.at[pc] != 0 || pc == h.taken && pc != 0) }
