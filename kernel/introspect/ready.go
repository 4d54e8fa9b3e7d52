package introspect

import "errors"

var errNoQueue = errors.New(`kernel image has no symbol "runqueue"`)

// Ready is how many tasks wait for their turn on the CPU, beside the one that has it.
func (k *Kernel) Ready() (int, error) {
	at, ok := k.Image.Symbol("runqueue")
	if !ok {
		return 0, errNoQueue
	}
	r := &reader{k: k}
	n := int(r.get(at, "rq", "nr_running"))
	return n, r.err
}
