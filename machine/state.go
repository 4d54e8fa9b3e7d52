package machine

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"forkscope/machine/snapshot"
)

// Digest is the SHA-256, in hexadecimal, of all that decides how the guest goes on: time, CPU, devices, and the pages of RAM that
// are not zero. Two runs are the same run exactly when their digests are equal at equal moments.
func (m *Machine) Digest() string {
	h := sha256.New()
	v := snapshot.NewDigest(h)
	m.state(v)
	if err := v.Finish(); err != nil {
		panic(fmt.Sprintf("BUG: %v", err)) // a hash takes everything
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Save writes the state of the machine to w, for Load of a machine that was made with the same Config. It forgets the CPU's translations, which a guest
// can see by the accessed bits of its page tables, so that this machine and one that loads the state go on alike. What the host holds is not part of it:
// input that has not entered, output that was not written, and the files behind Streams.
func (m *Machine) Save(w io.Writer) error {
	if len(m.lent) > 0 {
		return errors.New("the machine's CPU is borrowed")
	}
	m.flush()
	m.Flush()
	return snapshot.Save(w, m.state)
}

// Load makes this machine the one whose state r holds to its end. A state that is damaged, or that of a machine which does not fit, is an error that says
// the first thing found; then this machine is as it was, but for its translations, which are forgotten if the state fitted at first sight.
func (m *Machine) Load(r io.Reader) error {
	m.flush()
	defer m.ram.Discard()
	var before snapshot.Memory
	err := snapshot.Load(r, func(v *snapshot.Visitor) {
		m.fixed(v)
		if v.Err() != nil {
			return
		}
		before = snapshot.Keep(m.parts)
		m.parts(v)
		m.ram.State(v)
	})
	if err != nil {
		if before != nil {
			before.PutBack(m.parts)
		}
		return err
	}
	m.ram.Commit()
	m.lent = nil
	m.streams.takeOver()
	return nil
}

// state goes over everything.
func (m *Machine) state(v *snapshot.Visitor) {
	m.fixed(v)
	m.parts(v)
	m.ram.State(v)
}

// fixed goes over what was decided when the machine was made.
func (m *Machine) fixed(v *snapshot.Visitor) {
	v.Section("machine")
	snapshot.Match(v, "architecture", m.kind.Arch.Name, func(state string) string {
		return fmt.Sprintf("the state is that of an %s machine, this one is %s", state, m.kind.Arch)
	})
	snapshot.Match(v, "RAM", strconv.FormatUint(m.ram.Size(), 10), func(state string) string {
		return fmt.Sprintf("the state has %s of RAM, this machine has %s", megabytes(state), megabytes(strconv.FormatUint(m.ram.Size(), 10)))
	})
	snapshot.Match(v, "ROM", m.rom, func(state string) string {
		return fmt.Sprintf("the state was saved with %s, this machine has %s", romName(state), romName(m.rom))
	})
	ports := m.portNames()
	snapshot.Match(v, "streams", ports, func(state string) string {
		return fmt.Sprintf("the state has %s, this machine has %s", streamsName(state), streamsName(ports))
	})
}

// parts goes over everything but RAM that changes.
func (m *Machine) parts(v *snapshot.Visitor) {
	m.clk.State(v)
	m.cpu.State(v)
	m.board.State(v)
	m.hostState(v)
	m.endState(v)
}

// watchesMost bounds the list of watched pages of a state that is loaded, in bytes.
const watchesMost = 1 << 20

// hostState goes over what the host has ordered for good.
func (m *Machine) hostState(v *snapshot.Visitor) {
	v.Section("host")
	snapshot.Bool(v, "held", &m.held)
	var list []byte
	if m.watched != nil {
		list = encodeWatches(m.watched.List())
	}
	snapshot.Bytes(v, "watched", &list, watchesMost)
	if !v.Loading() {
		return
	}
	watches, err := decodeWatches(list)
	v.Check(err == nil, "watched")
	m.watched = nil
	if len(watches) > 0 && err == nil {
		m.watched = quiet(watches)
	}
}

// messageMost bounds the sentences of an end that is loaded, in bytes.
const messageMost = 1 << 16

// endState goes over how the run has ended, if it has.
func (m *Machine) endState(v *snapshot.Visitor) {
	v.Section("end")
	ended, end := m.end != nil, Stop{}
	if ended {
		end = *m.end
	}
	snapshot.Bool(v, "ended", &ended)
	snapshot.Uint(v, "reason", &end.Reason)
	snapshot.Uint(v, "status", &end.Status)
	snapshot.String(v, "message", &end.text, messageMost)
	v.Check(!ended || end.Reason >= PowerOff && end.Reason <= Bug, "reason")
	if !v.Loading() {
		return
	}
	m.end = nil
	if ended {
		m.end = &end
	}
}

func megabytes(n string) string {
	b, err := strconv.ParseUint(n, 10, 64)
	switch {
	case err != nil:
		return "a strange amount"
	case b%(1<<20) == 0:
		return fmt.Sprintf("%d MB", b>>20)
	}
	return fmt.Sprintf("%d bytes", b)
}

func romName(digest string) string {
	if digest == "" {
		return "no ROM"
	}
	return fmt.Sprintf("the ROM %.12s", digest)
}

// romDigest tells ROMs apart; "" is none.
func romDigest(rom []byte) string {
	if rom == nil {
		return ""
	}
	sum := sha256.Sum256(rom)
	return hex.EncodeToString(sum[:])
}

// portNames lists the ports of the virtio console.
func (m *Machine) portNames() string {
	var names []string
	for _, p := range m.streams.ports {
		names = append(names, p.Name)
	}
	return strings.Join(names, " ")
}

func streamsName(ports string) string {
	if ports == "" {
		return "no streams of the host's"
	}
	return "the streams " + ports
}
