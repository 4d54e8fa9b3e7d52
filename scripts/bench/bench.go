package main

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// bench is one run of the benchmark.
type bench struct {
	runs     int           // measurements per figure and emulator
	span     time.Duration // length of one measurement of a rate
	cpu      bool          // times are CPU times
	against  string        // another build of forkscope, which is the peer, or ""
	ours     *emulator
	peers    map[string]*emulator // by machine; none where there is no QEMU
	notes    []string
	progress func(string)
	temp     string // folder for what is made on the way

	servers []*server // that run the program of the figures about processes for gdb, ours first

	results map[string]string  // what the guest printed, by its input: both emulators must agree
	rounds  map[string]float64 // instructions in a round of intloop, by machine
}

// emulators are the ones to compare for a machine, ours first.
func (b *bench) emulators(arch string) []*emulator {
	list := []*emulator{b.ours}
	if peer := b.peers[arch]; peer != nil {
		list = append(list, peer)
	}
	return list
}

// note keeps a remark for the end of the table.
func (b *bench) note(format string, args ...any) {
	if n := fmt.Sprintf(format, args...); !slices.Contains(b.notes, n) {
		b.notes = append(b.notes, n)
	}
}

// spread is what several measurements gave.
type spread struct {
	Min    float64   `json:"min"`
	Median float64   `json:"median"`
	Max    float64   `json:"max"`
	Values []float64 `json:"values"` // in the order they were measured
}

// spreadOf needs at least one value.
func spreadOf(values []float64) spread {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return spread{Min: sorted[0], Median: (sorted[(n-1)/2] + sorted[n/2]) / 2, Max: sorted[n-1], Values: values}
}

// result is one figure on one machine.
type result struct {
	Arch      string   `json:"arch"`
	Name      string   `json:"name"`
	Title     string   `json:"title"`
	Unit      string   `json:"unit"`
	Less      bool     `json:"less_is_better"`
	Ours      *spread  `json:"forkscope,omitempty"`
	PeerName  string   `json:"peer_name,omitempty"`
	Peer      *spread  `json:"peer,omitempty"`
	Better    *float64 `json:"times_better,omitempty"` // medians
	Floor     *float64 `json:"floor,omitempty"`
	Ratio     *float64 `json:"ratio_floor,omitempty"` // of times_better
	Met       *bool    `json:"floor_met,omitempty"`   // by the median
	OursError string   `json:"forkscope_error,omitempty"`
	PeerError string   `json:"peer_error,omitempty"`
}

// contender is one of those that a figure compares.
type contender struct {
	name    string
	prepare func() (*measurement, error)
}

// contenders are those of a figure on a machine, ours first.
func (b *bench) contenders(ctx context.Context, f *figure, g *guest) []contender {
	var list []contender
	if f.prepareProcess != nil {
		for _, s := range b.servers {
			list = append(list, contender{s.name, func() (*measurement, error) { return f.prepareProcess(ctx, b, s) }})
		}
		return list
	}
	for _, e := range b.emulators(g.arch) {
		list = append(list, contender{e.name, func() (*measurement, error) { return f.prepare(ctx, b, g, e) }})
	}
	return list
}

// measure takes one figure on one machine: the contenders take turns, so that what else the host does meets both.
func (b *bench) measure(ctx context.Context, f *figure, arch string, list []contender) *result {
	r := &result{Arch: arch, Name: f.name, Title: f.title, Unit: f.unit, Less: f.less}
	ready := make([]*measurement, len(list))
	values := make([][]float64, len(list))
	errs := make([]error, len(list))
	for i, e := range list {
		b.progress(fmt.Sprintf("%s: %s: %s", arch, f.title, e.name))
		if ready[i], errs[i] = e.prepare(); errs[i] == nil && ready[i].close != nil {
			defer ready[i].close()
		}
	}
	for n := range b.runs {
		for i, e := range list {
			if errs[i] != nil || ctx.Err() != nil {
				continue
			}
			b.progress(fmt.Sprintf("%s: %s: %s, %d of %d", arch, f.title, e.name, n+1, b.runs))
			var v float64
			if v, errs[i] = ready[i].run(); errs[i] == nil {
				values[i] = append(values[i], v)
			}
		}
	}
	b.progress("")
	for i := range list {
		if errs[i] == nil && ctx.Err() != nil {
			errs[i] = ctx.Err()
		}
	}
	r.Ours, r.OursError = outcome(values[0], errs[0])
	if len(list) > 1 {
		r.PeerName = list[1].name
		r.Peer, r.PeerError = outcome(values[1], errs[1])
	}
	if r.Ours != nil && r.Peer != nil {
		better := f.better(r.Ours.Median, r.Peer.Median)
		r.Better = &better
	}
	if f.floor != 0 {
		r.Floor = &f.floor
		if r.Ours != nil {
			met := f.met(r.Ours.Median)
			r.Met = &met
		}
	}
	if f.ratio != 0 && r.Better != nil && r.PeerName == gdbserverProgram {
		met := *r.Better >= f.ratio
		r.Ratio, r.Met = &f.ratio, &met
	}
	return r
}

func outcome(values []float64, err error) (*spread, string) {
	if err != nil {
		return nil, err.Error()
	}
	s := spreadOf(values)
	return &s, ""
}
