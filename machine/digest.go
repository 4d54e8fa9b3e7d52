package machine

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"

	"forkscope/machine/mem"
	"forkscope/machine/snapshot"
)

// Digest is the SHA-256, in hexadecimal, of all that decides how the guest goes on: time, CPU, devices, and the pages of RAM that
// are not zero. Two runs are the same run exactly when their digests are equal at equal counts.
func (m *Machine) Digest() string {
	h := sha256.New()
	w := snapshot.NewWriter(h)
	w.Section("machine " + m.arch)
	w.Uint("now", m.clk.Now())
	w.Uint("next", m.clk.Next())
	m.cpu.Save(w)
	m.board.Save(w)
	w.Section("ram")
	w.Uint("size", m.ram.Size())
	var zero [mem.PageSize]byte
	all := m.ram.Bytes()
	for at := 0; at < len(all); at += mem.PageSize {
		if page := all[at : at+mem.PageSize]; !bytes.Equal(page, zero[:]) {
			w.Uint("at", uint64(at))
			w.Bytes("page", page)
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}
