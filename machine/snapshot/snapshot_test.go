package snapshot

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"
)

type kind int8

// chip has a field of each sort.
type chip struct {
	on       bool
	small    uint8
	kind     kind
	count    int
	words    [3]uint32
	ram      [5]byte
	fifo     []byte
	why      string
	twice    uint64 // of count
	fixed    string
	nothings []byte
}

const (
	fifoMost = 40
	whyMost  = 10
)

func (c *chip) State(v *Visitor) {
	v.Section("chip")
	Match(v, "fixed", c.fixed, func(state string) string { return fmt.Sprintf("the state has %s, not %s", state, c.fixed) })
	Bool(v, "on", &c.on)
	Uint(v, "small", &c.small)
	Uint(v, "kind", &c.kind)
	Uint(v, "count", &c.count)
	v.Section("more")
	Uints(v, "words", c.words[:])
	Array(v, "ram", c.ram[:])
	Bytes(v, "fifo", &c.fifo, fifoMost)
	String(v, "why", &c.why, whyMost)
	Bytes(v, "nothing", &c.nothings, 0)
	v.Check(c.kind > -100, "kind")
	if v.Loading() {
		c.twice = 2 * uint64(c.count)
	}
}

func anyChip(t *rapid.T) *chip {
	c := &chip{
		on: rapid.Bool().Draw(t, "on"), small: rapid.Uint8().Draw(t, "small"), kind: kind(rapid.Int8Min(-99).Draw(t, "kind")), count: rapid.Int().Draw(t, "count"),
		fifo: rapid.SliceOfN(rapid.Byte(), 0, fifoMost).Draw(t, "fifo"), why: rapid.StringMatching(`[a-z]{0,10}`).Draw(t, "why"), fixed: "this",
	}
	for i := range c.words {
		c.words[i] = rapid.Uint32().Draw(t, "word")
	}
	copy(c.ram[:], rapid.SliceOfN(rapid.Byte(), 5, 5).Draw(t, "ram"))
	c.twice = 2 * uint64(c.count)
	if len(c.fifo) == 0 {
		c.fifo = nil
	}
	return c
}

func save(t interface{ Fatal(...any) }, c *chip) []byte {
	var b bytes.Buffer
	if err := Save(&b, c.State); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func digest(c *chip) [32]byte {
	h := sha256.New()
	v := NewDigest(h)
	c.State(v)
	v.Finish()
	return [32]byte(h.Sum(nil))
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, other := anyChip(t), anyChip(t)
		if err := Load(iotest.OneByteReader(bytes.NewReader(save(t, c))), other.State); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(c, other) || digest(c) != digest(other) {
			t.Fatalf("%+v was loaded as %+v", c, other)
		}
		kept, third := Keep(c.State), anyChip(t)
		kept.PutBack(third.State)
		if len(third.fifo) == 0 {
			third.fifo = nil
		}
		if !reflect.DeepEqual(c, third) {
			t.Fatalf("%+v was put back as %+v", c, third)
		}
		c.words[1]++
		if digest(c) == digest(other) {
			t.Fatal("the digest does not see a field")
		}
	})
}

// Every shorter file, and every file of which a byte is another, is an error of one sentence.
func TestDamage(t *testing.T) {
	good := save(t, &chip{fifo: []byte("abc"), why: "x", count: 5})
	bad := func(what string, file []byte) {
		t.Helper()
		err := Load(bytes.NewReader(file), (&chip{}).State)
		if err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", what, err)
		}
	}
	for n := range good {
		bad(fmt.Sprintf("the first %d bytes", n), good[:n])
		for _, bit := range []byte{1, 0x80} {
			file := bytes.Clone(good)
			file[n] ^= bit
			bad(fmt.Sprintf("byte %d changed", n), file)
		}
	}
	bad("a byte more", append(bytes.Clone(good), '\n'))
}

// change returns a saved chip with a part of the file replaced.
func change(t *testing.T, c *chip, old, new string) []byte {
	file := save(t, c)
	if bytes.Count(file, []byte(old)) != 1 {
		t.Fatalf("%q is not there once", old)
	}
	return bytes.Replace(file, []byte(old), []byte(new), 1)
}

func length(n uint64) string { return string(binary.LittleEndian.AppendUint64(nil, n)) }

func TestErrors(t *testing.T) {
	c := &chip{fixed: "this", fifo: []byte("abc")}
	for _, tt := range []struct {
		name string
		file []byte
		want string
	}{
		{"fixed", save(t, &chip{fixed: "that"}), "the state has that, not this"},
		{"too large for the field", change(t, c, "small"+length(0), "small"+length(256)), `field "small" of section "chip" cannot have the value that the state has`},
		{"neither true nor false", change(t, c, "on"+length(0), "on"+length(2)), `field "on" of section "chip" cannot have the value that the state has`},
		{"not what can be", save(t, &chip{fixed: "this", kind: -100}), `field "kind" of section "more" cannot have the value that the state has`},
		{"array of another length", change(t, c, "ram"+length(5), "ram"+length(6)), `field "ram" of section "more" cannot have the value that the state has`},
		{"string too long", save(t, &chip{fixed: "this", why: strings.Repeat("x", whyMost+1)}), `field "why" of section "more" cannot have the value that the state has`},
		{"length that overflows", change(t, c, "fifo"+length(3), "fifo"+length(1<<63)), `field "fifo" of section "more" cannot have the value that the state has`},
		{"another section", change(t, c, "more", "less"), `the state has section "less" where this machine has section "more"`},
		{"another kind of field", change(t, c, "U\x05small", "B\x05small"), `the state has bytes field "small" of section "chip" where this machine has number field "small" of section "chip"`},
		{"no field at all", change(t, c, "U\x05small", "?\x05small"), `the state has what cannot be understood in section "chip" where this machine has number field "small" of section "chip"`},
	} {
		if err := Load(bytes.NewReader(tt.file), (&chip{fixed: "this"}).State); err == nil || err.Error() != tt.want {
			t.Errorf("%s: %v, want %s", tt.name, err, tt.want)
		}
	}
}

// Errors of the file itself come through.
func TestFileErrors(t *testing.T) {
	if err := Load(iotest.TimeoutReader(iotest.OneByteReader(bytes.NewReader(save(t, &chip{})))), (&chip{}).State); !errors.Is(err, iotest.ErrTimeout) {
		t.Errorf("reading: %v", err)
	}
	full := errors.New("no space left on device")
	if err := Save(failing{full}, (&chip{}).State); !errors.Is(err, full) {
		t.Errorf("writing: %v", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// A length that lies costs no memory.
func TestLengthThatLies(t *testing.T) {
	var p []byte
	visit := func(v *Visitor) { Bytes(v, "p", &p, 1<<40) }
	var b bytes.Buffer
	if err := Save(&b, visit); err != nil {
		t.Fatal(err)
	}
	file := bytes.Replace(b.Bytes(), []byte("p"+length(0)), []byte("p"+length(1<<39)), 1)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	err := Load(bytes.NewReader(file), visit)
	runtime.ReadMemStats(&after)
	if err == nil || after.TotalAlloc-before.TotalAlloc > 4<<20 {
		t.Errorf("%v, after %d bytes were allocated", err, after.TotalAlloc-before.TotalAlloc)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add(save(f, &chip{fifo: []byte("abc"), why: "x", count: 5}))
	f.Add(save(f, &chip{fifo: make([]byte, fifoMost)}))
	f.Add([]byte(title + "1\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		c := &chip{}
		if err := Load(bytes.NewReader(file), c.State); err != nil {
			return
		}
		if !bytes.Equal(save(t, c), file) {
			t.Fatal("what was loaded is saved otherwise")
		}
	})
}
