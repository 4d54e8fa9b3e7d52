package machine

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	"forkscope/machine/timeline"
)

// Header describes the machine that c makes, for the log of a run: what it says is all that a run depends on, beside the log. Files are told by
// their SHA-256.
func (c Config) Header() timeline.Header {
	size, ns, date := c.MemorySize, max(c.Clock, 1), c.Date
	if size == 0 {
		size = DefaultMemory
	}
	if date.IsZero() {
		date = DefaultDate
	}
	var initrd []string
	for _, archive := range c.Initrd {
		initrd = append(initrd, sum(archive))
	}
	h := timeline.Header{
		{Name: "machine", Value: c.Arch},
		{Name: "memory", Value: fmt.Sprint(size)},
		{Name: "nanoseconds per instruction", Value: fmt.Sprint(ns)},
		{Name: "date", Value: date.UTC().Format(time.RFC3339)},
		{Name: "kernel", Value: sum(c.Kernel)},
		{Name: "initial files", Value: strings.Join(initrd, " ")},
		{Name: "command line", Value: c.Cmdline},
		{Name: "streams", Value: describeStreams(c.Streams)},
	}
	if c.BIOS != nil {
		h = append(h, timeline.Line{Name: "bios", Value: sum(c.BIOS)})
	}
	if c.Semihosting {
		h = append(h, timeline.Line{Name: "semihosting", Value: "on"})
	}
	if c.FlatKernel {
		h = append(h, timeline.Line{Name: "kernel's header", Value: "may be missing"})
	}
	return h
}

func sum(b []byte) string { return fmt.Sprintf("%x", sha256.Sum256(b)) }

// describeStreams is like "stdin<later stdout>at-once stderr>later".
func describeStreams(list []Stream) string {
	when := func(atOnce bool) string {
		if atOnce {
			return "at-once"
		}
		return "later"
	}
	var words []string
	for _, s := range list {
		w := s.Name
		if s.In != nil {
			w += "<" + when(s.In.atOnce)
		}
		if s.Out != nil {
			w += ">" + when(s.Out.atOnce)
		}
		words = append(words, w)
	}
	return strings.Join(words, " ")
}
