package debug

import "testing"

// What the debugger writes into one side of a fork is not in the other, be it text, data or memory that nobody has touched;
// what is shared is in both. Reading brings no page in and changes nothing.
func TestMemoryOfBothSides(t *testing.T) {
	forMachine(t, func(t *testing.T, arch string) {
		c := newCounters(t, arch, ProcessView, "0", "nap", "nap")
		c.beats(2)
		sides := []struct {
			name  string
			write int // index into ids
		}{{"the parent", 0}, {"a child", 1}, {"its sibling", 2}}
		first, second := c.adopted(1), c.adopted(2)
		ids := []struct{ pid int }{{heart}, {first.PID}, {second.PID}}
		digest := c.machine.Digest()
		for _, id := range ids {
			for at := uint64(0); at < 32768; at += 1024 {
				if v := c.word(main(id.pid), c.symbols["untouched"]+at); v != 0 {
					t.Fatalf("memory never touched reads as %#x", v)
				}
			}
			c.word(main(id.pid), c.symbols["main"])
		}
		if c.machine.Digest() != digest {
			t.Error("reading has changed the machine")
		}
		const value = 0x5a5a1234
		for _, place := range []struct {
			name string
			va   uint64
		}{
			{"text", c.symbols["nap"]},
			{"data", c.symbols["own"]},
			{"bss never touched", c.symbols["untouched"]},
		} {
			for i, side := range sides {
				va := place.va
				if place.name == "bss never touched" {
					va += uint64(4096 * (i + 1)) // a fresh page for each
				}
				var before [3]uint32
				for j := range ids {
					before[j] = c.word(main(ids[j].pid), va)
				}
				c.setWord(main(ids[side.write].pid), va, value+uint32(i))
				for j := range ids {
					want := before[j]
					if j == side.write {
						want = value + uint32(i)
					}
					if got := c.word(main(ids[j].pid), va); got != want {
						t.Errorf("%s written in %s: %s has %#x, want %#x", place.name, side.name, sides[j].name, got, want)
					}
				}
				c.setWord(main(ids[side.write].pid), va, before[side.write])
			}
		}
		c.setWord(first, sharedPage+0x40, value)
		for j := range ids {
			if got := c.word(main(ids[j].pid), sharedPage+0x40); got != value {
				t.Errorf("shared memory written in %s: %s has %#x", sides[1].name, sides[j].name, got)
			}
		}
		before := [2]uint32{c.progress(first, 1)[1], c.progress(second, 2)[1]}
		c.beats(3, first.PID, second.PID)
		if c.progress(first, 1)[1] <= before[0] || c.progress(second, 2)[1] <= before[1] {
			t.Error("afterwards the programs do not go on")
		}
	})
}
