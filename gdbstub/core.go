package gdbstub

import (
	"fmt"
	"slices"
)

// core is what all parts of a session share: the target, the packets, what the debugger understands, and of which thread it speaks. Each
// part embeds it and owns the rest of its state itself.
type core struct {
	w      *wire
	target *Target
	opts   Options
	buf    []byte // scratch for one request, as long as a packet

	client clientFeatures
	events EventSet // what the target was told

	general  ThreadID // Hg: registers and memory
	resume   ThreadID // Hc: the old resume packets
	only     int      // with Processes, the one that a client without multiprocess sees; 0 is none
	extended bool     // '!' was said: the session outlives its processes
	stop     Stop     // the last one

	epoch uint64   // changes with everything that may have changed the target; what was read in an earlier one is stale
	alive ThreadID // known to be, in this epoch; AnyThread is none

	finished bool
	reason   DetachReason
	fatal    error // an ErrFatal that ended the session
}

// ok answers OK.
func (c *core) ok() error {
	c.w.str("OK")
	return nil
}

func (c *core) log(message string) {
	if c.opts.Log != nil {
		c.opts.Log(message)
	}
}

// failed notes the reason for a refusal where whoever runs the server sees it: gdb before 16 shows the user no more than
// that attach, kill or run has failed.
func (c *core) failed(what string, err error) error {
	err = fmt.Errorf("%s: %w", what, err)
	c.log(err.Error())
	return err
}

// finish marks the session as over.
func (c *core) finish(reason DetachReason) {
	c.finished = true
	c.reason = reason
}

func (c *core) fatalError(err error) {
	c.log(err.Error())
	c.fatal = err
	c.finish(DetachLost)
}

// touch forgets what was read of the target, after anything that may have changed it.
func (c *core) touch() {
	c.epoch++
	c.alive = AnyThread
}

// multiprocess reports whether ids carry a process.
func (c *core) multiprocess() bool { return c.target.Processes != nil && c.client.multiprocess }

// exited reports whether there is no target left to look at.
func (c *core) exited() bool {
	if c.target.Processes != nil {
		return len(c.target.Processes.Debugged()) == 0
	}
	return c.stop.ended()
}

// debugged fails for a process that isn't.
func (c *core) debugged(pid int) error {
	if !slices.Contains(c.target.Processes.Debugged(), pid) {
		return ErrNotFound
	}
	return nil
}

// visible reports whether the debugger may know of threads of the process: there is one, and a client without
// multiprocess sees no other.
func (c *core) visible(pid int) bool {
	if c.target.Processes == nil {
		return !c.exited()
	}
	return c.client.multiprocess || pid == c.only
}

// exact turns an id of the debugger into one of the target's: "any" and "all" are the current thread.
func (c *core) exact(id ThreadID) ThreadID {
	if c.target.Processes != nil {
		return c.exactOfProcesses(id)
	}
	if id.TID <= 0 {
		return c.target.Threads.Current()
	}
	if id.PID <= 0 {
		id.PID = FlatPID
	}
	return id
}

// exactOfProcesses is exact where there are several processes. What names no thread, or no process, is resolved to the
// thread of the last stop if that fits, else to the current one, else to the first that fits. If none does, the result is
// no live thread.
func (c *core) exactOfProcesses(id ThreadID) ThreadID {
	if id.PID <= 0 && !c.client.multiprocess {
		id.PID = c.only
	}
	if id.PID > 0 && id.TID > 0 {
		return id
	}
	for _, best := range [...]ThreadID{c.stop.Thread, c.target.Threads.Current()} {
		if best.PID > 0 && best.TID > 0 && id.Covers(best) && c.target.Threads.Alive(best) {
			return best
		}
	}
	for _, best := range c.target.Threads.AppendThreads(nil) {
		if id.Covers(best) {
			return best
		}
	}
	return id
}

// live is exact for a thread that must exist.
func (c *core) live(id ThreadID) (ThreadID, error) {
	id = c.exact(id)
	if id == c.alive && id.TID > 0 {
		return id, nil
	}
	if id.TID <= 0 || !c.visible(id.PID) || !c.target.Threads.Alive(id) {
		return id, ErrNotFound
	}
	c.alive = id
	return id, nil
}

// description is that of a process, or of the target if it has but one. A process that isn't has none.
func (c *core) description(pid int) (*Description, error) {
	if c.target.Processes == nil {
		return c.target.Description, nil
	}
	d := c.target.Processes.Description(pid)
	if d == nil {
		return nil, ErrNotFound
	}
	if err := d.Init(); err != nil {
		panic("BUG: target description of a process: " + err.Error())
	}
	return d, nil
}

// threadID writes an id, with its process for a client that understands that.
func (c *core) threadID(id ThreadID) { c.w.out = c.appendThreadID(c.w.out, id) }

func (c *core) appendThreadID(b []byte, id ThreadID) []byte {
	if c.multiprocess() {
		b = append(appendNum(append(b, 'p'), uint64(id.PID)), '.')
	}
	return appendNum(b, uint64(id.TID))
}
