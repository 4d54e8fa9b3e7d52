package virtio

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"strings"
	"testing"

	"forkscope/machine/bus"
	"forkscope/machine/mem"
	"forkscope/machine/snapshot"
)

const (
	ramBase = 0x4000_0000
	ramSize = 64 << 12
	ringNum = 8
)

// driver is the guest's side: it does by hand what section 3.1.1 and 2.7 ask of a driver.
type driver struct {
	t     testing.TB
	ram   *mem.RAM
	dev   *Console
	level bool
	avail map[int]uint16 // per queue
	seen  map[int]uint16
}

// ring is the page of a queue: descriptors, available and used ring.
func ring(q int) uint64               { return ramBase + uint64(q)<<12 }
func descAt(q, i int) uint64          { return ring(q) + 16*uint64(i) }
func driverRing(q int) uint64         { return ring(q) + 0x400 }
func deviceRing(q int) uint64         { return ring(q) + 0x800 }
func buffer(q int) uint64             { return ramBase + uint64(16+q)<<12 }
func (d *driver) reg(r uint64) uint32 { return uint32(d.dev.Read(r, 4)) }
func (d *driver) set(r uint64, v uint32) {
	d.dev.Write(r, 4, uint64(v))
}

func newDriver(t testing.TB, ports ...Port) *driver {
	ram, err := mem.New(ramBase, ramSize)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ram.Close() })
	d := &driver{t: t, ram: ram}
	d.dev = NewConsole(ram, bus.NewLine(func(level bool) { d.level = level }), ports)
	return d
}

// start brings the device up, with all its queues.
func (d *driver) start() {
	d.avail, d.seen = map[int]uint16{}, map[int]uint16{}
	d.set(regStatus, 0)
	d.set(regStatus, statusAcknowledge)
	d.set(regStatus, statusAcknowledge|statusDriver)
	d.set(regDriverFeaturesSel, 0)
	d.set(regDriverFeatures, featureMultiport)
	d.set(regDriverFeaturesSel, 1)
	d.set(regDriverFeatures, featureVersion1>>32)
	d.set(regStatus, statusFeaturesOK)
	for q := range d.dev.queues {
		d.ram.Write(ring(q), make([]byte, mem.PageSize))
		d.setup(q, ringNum, ring(q), driverRing(q), deviceRing(q))
	}
	d.set(regStatus, statusDriverOK)
}

func (d *driver) setup(q int, num uint32, desc, avail, used uint64) {
	d.set(regQueueSel, uint32(q))
	d.set(regQueueNum, num)
	for r, v := range map[uint64]uint64{regQueueDesc: desc, regQueueDriver: avail, regQueueDevice: used} {
		d.set(r, uint32(v))
		d.set(r+4, uint32(v>>32))
	}
	d.set(regQueueReady, 1)
}

func (d *driver) put16(at uint64, v uint16) {
	d.ram.Write(at, binary.LittleEndian.AppendUint16(nil, v))
}

// describe writes a descriptor.
func (d *driver) describe(q, i int, addr uint64, size uint32, flags, next uint16) {
	b := binary.LittleEndian.AppendUint64(nil, addr)
	b = binary.LittleEndian.AppendUint32(b, size)
	b = binary.LittleEndian.AppendUint16(b, flags)
	d.ram.Write(descAt(q, i), binary.LittleEndian.AppendUint16(b, next))
}

// offer makes a chain available and notifies the device.
func (d *driver) offer(q int, head uint16) {
	d.put16(driverRing(q)+4+2*uint64(d.avail[q]%ringNum), head)
	d.avail[q]++
	d.put16(driverRing(q)+2, d.avail[q])
	d.set(regQueueNotify, uint32(q))
}

// send sends bytes by a queue, in one buffer.
func (d *driver) send(q int, b []byte) {
	d.ram.Write(buffer(q), b)
	d.describe(q, 0, buffer(q), uint32(len(b)), 0, 0)
	d.offer(q, 0)
}

// room offers a buffer to receive.
func (d *driver) room(q, i int, size uint32) {
	d.describe(q, i, buffer(q)+uint64(i)*256, size, descWrite, 0)
	d.offer(q, uint16(i))
}

// done is the next buffer that has come back, and what was written to it.
func (d *driver) done(q int) (id int, b []byte, ok bool) {
	if read16(d.ram, deviceRing(q)+2) == d.seen[q] {
		return 0, nil, false
	}
	var e [8]byte
	d.ram.Read(deviceRing(q)+4+8*uint64(d.seen[q]%ringNum), e[:])
	d.seen[q]++
	id = int(binary.LittleEndian.Uint32(e[:]))
	b = make([]byte, binary.LittleEndian.Uint32(e[4:]))
	var desc [8]byte
	d.ram.Read(descAt(q, id), desc[:])
	d.ram.Read(binary.LittleEndian.Uint64(desc[:]), b)
	return id, b, true
}

func (d *driver) wantBack(q int, want string) {
	d.t.Helper()
	if _, b, ok := d.done(q); !ok || string(b) != want {
		d.t.Errorf("queue %d gives back %q (%v), want %q", q, b, ok, want)
	}
}

func (d *driver) wantNone(q int) {
	d.t.Helper()
	if _, b, ok := d.done(q); ok {
		d.t.Errorf("queue %d gives back %q", q, b)
	}
}

func (d *driver) control(id uint32, event, value uint16) {
	b := binary.LittleEndian.AppendUint32(nil, id)
	b = binary.LittleEndian.AppendUint16(b, event)
	d.send(controlOut, binary.LittleEndian.AppendUint16(b, value))
	d.wantBack(controlOut, "")
}

func message(id uint32, event, value uint16, text string) string {
	b := binary.LittleEndian.AppendUint32(nil, id)
	b = binary.LittleEndian.AppendUint16(b, event)
	return string(binary.LittleEndian.AppendUint16(b, value)) + text
}

// later is a source whose bytes come by Deliver; it notes what it is asked for.
type later struct{ asked []int }

func (l *later) Read(p []byte) (int, error) {
	l.asked = append(l.asked, len(p))
	return 0, ErrLater
}

// sinkOf collects what is sent; slow ones have not taken it.
type sinkOf struct {
	bytes.Buffer
	slow bool
}

func (s *sinkOf) Write(p []byte) bool {
	s.Buffer.Write(p)
	return !s.slow
}

func TestRegisters(t *testing.T) {
	d := newDriver(t, Port{}, Port{}, Port{})
	for _, c := range []struct {
		name string
		reg  uint64
		want uint32
	}{
		{"magic", regMagic, 0x74726976}, {"version", regVersion, 2}, {"device", regDeviceID, 3}, {"status", regStatus, 0},
		{"low features", regDeviceFeatures, 2}, {"unknown", 0xe0, 0}, {"ports", regConfig + 4, 3}, {"behind the configuration", 0x1fc, 0},
	} {
		if got := d.reg(c.reg); got != c.want {
			t.Errorf("%s: %#x, want %#x", c.name, got, c.want)
		}
	}
	if got := d.dev.Read(regMagic, 1); got != 0 {
		t.Errorf("a byte of the magic value reads %#x", got)
	}
	if got := d.dev.Read(regConfig+4, 1); got != 3 {
		t.Errorf("a byte of the configuration reads %#x", got)
	}
	d.set(regDeviceFeaturesSel, 1)
	if got := d.reg(regDeviceFeatures); got != 1 {
		t.Errorf("high features %#x, want VIRTIO_F_VERSION_1", got)
	}
	d.set(regDeviceFeaturesSel, 2)
	if got := d.reg(regDeviceFeatures); got != 0 {
		t.Errorf("features beyond 64: %#x", got)
	}
	for q, want := range map[uint32]uint32{0: queueMax, 7: queueMax, 8: 0, 1 << 31: 0} {
		if d.set(regQueueSel, q); d.reg(regQueueNumMax) != want {
			t.Errorf("queue %d has %d descriptors, want %d", q, d.reg(regQueueNumMax), want)
		}
	}
	if v := (Empty{}).Read(regDeviceID, 4); v != 0 {
		t.Errorf("a place that is free has device %d", v)
	}
}

// TestFeatures: FEATURES_OK does not stay for a choice that won't do (3.1.1).
func TestFeatures(t *testing.T) {
	for _, c := range []struct {
		low, high uint32
		ok        bool
	}{{2, 1, true}, {0, 1, true}, {2, 0, false}, {3, 1, false}, {2, 3, false}} {
		d := newDriver(t, Port{})
		d.set(regStatus, statusAcknowledge|statusDriver)
		d.set(regDriverFeatures, c.low)
		d.set(regDriverFeaturesSel, 1)
		d.set(regDriverFeatures, c.high)
		d.set(regStatus, statusFeaturesOK)
		if got := d.reg(regStatus)&statusFeaturesOK != 0; got != c.ok {
			t.Errorf("features %x %x: ok %v", c.high, c.low, got)
		}
	}
}

// TestHandshake is the control messages of 5.3.5, in the order in which buffers for them come.
func TestHandshake(t *testing.T) {
	d := newDriver(t, Port{Name: "stdin"}, Port{Name: "stdout"})
	d.start()
	d.control(0xffff_ffff, eventDeviceReady, 1)
	d.wantNone(controlIn)
	for i := range 3 {
		d.room(controlIn, i, 64)
	}
	d.wantBack(controlIn, message(0, eventPortAdd, 0, ""))
	d.wantBack(controlIn, message(1, eventPortAdd, 0, ""))
	d.wantNone(controlIn)
	d.control(1, eventPortReady, 1)
	d.control(7, eventPortReady, 1) // there is none
	d.wantBack(controlIn, message(1, eventPortName, 1, "stdout"))
	d.room(controlIn, 3, 64)
	d.wantBack(controlIn, message(1, eventPortOpen, 1, ""))
	d.room(controlIn, 0, 4) // too small for a message: it is cut off
	d.dev.HangUp(1)
	d.wantBack(controlIn, message(1, eventPortOpen, 0, "")[:4])
	if d.reg(regStatus)&statusNeedsReset != 0 {
		t.Error("needs a reset")
	}
}

func TestFileIsThereAtOnce(t *testing.T) {
	d := newDriver(t, Port{In: strings.NewReader("0123456789")})
	d.start()
	d.room(0, 0, 4)
	d.wantBack(0, "0123")
	if !d.level || d.reg(regInterruptStatus) != interruptQueue {
		t.Error("no interrupt")
	}
	d.set(regInterruptACK, interruptQueue)
	if d.level {
		t.Error("the interrupt stays")
	}
	d.put16(driverRing(0), availNoInterrupt)
	// A chain of two buffers and one without room between them.
	d.describe(0, 1, buffer(0), 1, descWrite|descNext, 2)
	d.describe(0, 2, buffer(0), 0, descWrite|descNext, 3)
	d.describe(0, 3, buffer(0)+1, 3, descWrite, 0)
	d.offer(0, 1)
	if id, b, ok := d.done(0); !ok || id != 1 || len(b) != 4 {
		t.Errorf("chain %d, %q, %v", id, b, ok)
	}
	d.room(0, 4, 100)
	d.wantBack(0, "89")
	d.room(0, 5, 100) // the end: the buffer stays with the device
	d.wantNone(0)
	if d.level {
		t.Error("an interrupt that the driver does not want")
	}
	if d.dev.ports[0].open {
		t.Error("the port is open after the end of the file")
	}
}

func TestPipeIsAskedForWhatFits(t *testing.T) {
	in := &later{}
	d := newDriver(t, Port{In: in})
	d.start()
	d.room(0, 0, 16)
	d.room(0, 1, 8)
	if fmt.Sprint(in.asked) != "[16]" || !d.dev.WaitsForHost() {
		t.Errorf("asked for %v", in.asked)
	}
	d.dev.Deliver(0, []byte("abc"))
	d.wantBack(0, "abc")
	if fmt.Sprint(in.asked) != "[16 8]" {
		t.Errorf("asked for %v", in.asked)
	}
	d.start() // the driver starts over; what is on its way is not lost
	d.dev.Deliver(0, []byte("defgh"))
	d.dev.HangUp(0)
	d.room(0, 0, 2)
	d.wantBack(0, "de")
	if !d.dev.ports[0].open {
		t.Error("closed before all has been read")
	}
	d.room(0, 1, 16)
	d.wantBack(0, "fgh")
	d.room(0, 2, 16)
	d.wantNone(0)
	if d.dev.ports[0].open || d.dev.WaitsForHost() {
		t.Error("open after the end")
	}
}

func TestOutputWaitsForTheHost(t *testing.T) {
	out := &sinkOf{slow: true}
	d := newDriver(t, Port{Out: out})
	d.start()
	part := bytes.Repeat([]byte("x"), 4096)
	n := 0
	for ; n < 2*window/len(part); n++ {
		d.send(1, part)
		if _, _, ok := d.done(1); !ok {
			break
		}
	}
	if n*len(part) != window || !d.dev.WaitsForHost() {
		t.Fatalf("%d bytes were taken of a host that takes none, want %d", n*len(part), window)
	}
	d.dev.Taken(0, 1000) // a part of the chain
	d.wantNone(1)
	if out.Len() != window+1000 {
		t.Errorf("%d bytes sent", out.Len())
	}
	d.dev.Taken(0, 10_000)
	d.wantBack(1, "")
	d.send(1, []byte("tail"))
	d.wantBack(1, "")
	d.dev.HangUp(0)
	d.send(1, []byte("lost"))
	d.wantBack(1, "")
	if out.Len() != window+4096+4 || d.dev.WaitsForHost() {
		t.Errorf("%d bytes sent", out.Len())
	}
}

// TestDMAIsSeenByTheCPU: bytes that the device writes into a page that a CPU has decoded drop what was decoded.
func TestDMAIsSeenByTheCPU(t *testing.T) {
	d := newDriver(t, Port{In: strings.NewReader("0123456789")})
	var dropped []uint64
	d.ram.OnCodeWrite(func(pa, _ uint64) { dropped = append(dropped, pa) })
	d.start()
	d.ram.MarkCode(buffer(0))
	d.room(0, 0, 4)
	if len(dropped) != 1 || dropped[0] != buffer(0) {
		t.Errorf("dropped %#x", dropped)
	}
}

// TestHostileQueues: whatever makes no sense ends in a device that needs a reset, and a reset mends it.
func TestHostileQueues(t *testing.T) {
	end := uint64(ramBase + ramSize)
	for name, do := range map[string]func(d *driver){
		"loop": func(d *driver) {
			d.describe(1, 0, buffer(1), 1, descNext, 1)
			d.describe(1, 1, buffer(1), 1, descNext, 0)
			d.offer(1, 0)
		},
		"head out of the table": func(d *driver) { d.offer(1, ringNum) },
		"next out of the table": func(d *driver) {
			d.describe(1, 0, buffer(1), 1, descNext, 0xffff)
			d.offer(1, 0)
		},
		"indirect":     func(d *driver) { d.describe(1, 0, buffer(1), 16, descIndirect, 0); d.offer(1, 0) },
		"not in RAM":   func(d *driver) { d.describe(1, 0, 0x1000, 16, 0, 0); d.offer(1, 0) },
		"past the end": func(d *driver) { d.describe(1, 0, end-4, 16, 0, 0); d.offer(1, 0) },
		"wrapping":     func(d *driver) { d.describe(1, 0, ^uint64(0)-3, 16, 0, 0); d.offer(1, 0) },
		"reading after writing": func(d *driver) {
			d.describe(1, 0, buffer(1), 1, descNext|descWrite, 1)
			d.describe(1, 1, buffer(1), 1, 0, 0)
			d.offer(1, 0)
		},
		"an index far ahead": func(d *driver) { d.put16(driverRing(1)+2, 100); d.set(regQueueNotify, 1) },
		"a control message":  func(d *driver) { d.describe(3, 0, 0, 16, 0, 0); d.offer(3, 0) },
		"a receiving queue":  func(d *driver) { d.describe(0, 0, end, 16, descWrite, 0); d.offer(0, 0) },
		"no power of two":    func(d *driver) { d.relay(func() { d.setup(1, 3, ring(1), driverRing(1), deviceRing(1)) }) },
		"no descriptors":     func(d *driver) { d.relay(func() { d.setup(1, 0, ring(1), driverRing(1), deviceRing(1)) }) },
		"too many":           func(d *driver) { d.relay(func() { d.setup(1, 512, ring(1), driverRing(1), deviceRing(1)) }) },
		"odd":                func(d *driver) { d.relay(func() { d.setup(1, 8, ring(1)+1, driverRing(1), deviceRing(1)) }) },
		"ring outside":       func(d *driver) { d.relay(func() { d.setup(1, 8, ring(1), driverRing(1), end-8) }) },
	} {
		t.Run(name, func(t *testing.T) {
			d := newDriver(t, Port{In: strings.NewReader("abc"), Out: &sinkOf{}})
			d.start()
			do(d)
			if d.reg(regStatus)&statusNeedsReset == 0 || d.reg(regInterruptStatus)&interruptConfig == 0 || !d.level {
				t.Fatalf("status %#x, interrupts %#x", d.reg(regStatus), d.reg(regInterruptStatus))
			}
			d.room(0, 0, 3)
			d.wantNone(0)
			d.dev.Deliver(0, []byte("x"))
			d.start()
			d.room(0, 0, 3)
			d.wantBack(0, "x")
			d.room(0, 1, 3)
			d.wantBack(0, "abc")
			d.send(1, []byte("x"))
			d.wantBack(1, "")
		})
	}
}

// relay does something to queue 1 when it is not in use.
func (d *driver) relay(do func()) {
	d.set(regQueueSel, 1)
	d.set(regQueueReady, 0)
	do()
}

// changes are what makes the state of a console another one.
var changes = map[string]func(d *driver){
	"status":  func(d *driver) { d.set(regStatus, statusFailed) },
	"arrived": func(d *driver) { d.dev.Deliver(0, []byte("x")) },
	"ended":   func(d *driver) { d.dev.Deliver(0, []byte("x")); d.dev.HangUp(0) },
	"asked":   func(d *driver) { d.room(0, 0, 1) },
	"behind":  func(d *driver) { d.send(1, []byte("x")) },
	"closed":  func(d *driver) { d.dev.HangUp(0) },
	"queue":   func(d *driver) { d.relay(func() {}) },
	"to tell": func(d *driver) { d.control(0, eventDeviceReady, 1) },
}

func digestOf(d *driver) string {
	h := sha256.New()
	v := snapshot.NewDigest(h)
	d.dev.State(v)
	v.Finish()
	return string(h.Sum(nil))
}

func startedConsole(t *testing.T) *driver {
	d := newDriver(t, Port{In: &later{}, Out: &sinkOf{slow: true}})
	d.start()
	return d
}

// TestDigestSeesTheState: what decides how the device goes on is in its digest.
func TestDigestSeesTheState(t *testing.T) {
	fresh := digestOf(startedConsole(t))
	if digestOf(startedConsole(t)) != fresh {
		t.Error("two fresh devices differ")
	}
	for name, change := range changes {
		d := startedConsole(t)
		change(d)
		if digestOf(d) == fresh {
			t.Errorf("%s is not in the digest", name)
		}
	}
}

// TestStateRoundTrip loads each state into another device, to which the same happens from then on.
func TestStateRoundTrip(t *testing.T) {
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			a := startedConsole(t)
			change(a)
			var file bytes.Buffer
			if err := snapshot.Save(&file, a.dev.State); err != nil {
				t.Fatal(err)
			}
			b := newDriver(t, Port{In: &later{}, Out: &sinkOf{slow: true}})
			b.ram.Write(b.ram.Base(), a.ram.Bytes())
			b.avail, b.seen, b.level = maps.Clone(a.avail), maps.Clone(a.seen), a.level
			if err := snapshot.Load(&file, b.dev.State); err != nil {
				t.Fatal(err)
			}
			for step, do := range []func(d *driver){
				func(*driver) {},
				func(d *driver) { d.room(0, 1, 5) },
				func(d *driver) { d.dev.Deliver(0, []byte("hello, and more")) },
				func(d *driver) { d.send(1, bytes.Repeat([]byte("x"), 100)) },
				func(d *driver) { d.dev.Taken(0, 50) },
				func(d *driver) { d.room(0, 2, 20) },
				func(d *driver) { d.dev.HangUp(0) },
				func(d *driver) { d.set(regStatus, 0) },
			} {
				do(a)
				do(b)
				if digestOf(a) != digestOf(b) || !bytes.Equal(a.ram.Bytes(), b.ram.Bytes()) || a.level != b.level {
					t.Fatalf("after step %d they differ", step)
				}
			}
		})
	}
}

// FuzzConsole lets a driver do anything: registers and RAM are written at random, and the host answers. The device must neither panic nor go on for ever,
// nor touch what is not RAM.
func FuzzConsole(f *testing.F) {
	f.Add([]byte{}, []byte{})
	f.Add([]byte{0x50, 0, 0, 0, 1, 0x50, 0, 0, 0, 3}, []byte{0, 1, 2})
	f.Add(bytes.Repeat([]byte{0x50, 1, 0, 0, 0}, 8), bytes.Repeat([]byte{1}, 200))
	f.Fuzz(func(t *testing.T, writes, memory []byte) {
		in := &later{}
		d := newDriver(t, Port{Name: "a", In: io.LimitReader(endless{}, 1<<20), Out: &sinkOf{}}, Port{Name: "b", In: in, Out: &sinkOf{slow: true}})
		d.start()
		// The bytes go where the rings are, so that they mean something.
		for i, b := range memory {
			q := i % len(d.dev.queues)
			at := uint64(i / len(d.dev.queues))
			d.ram.Write([]uint64{ring(q), driverRing(q)}[at%2]+at/2%0x400, []byte{b})
		}
		for i := 0; i+5 <= len(writes); i += 5 {
			at := uint64(writes[i])
			if at%4 == 1 { // the host does something
				switch port := int(writes[i+1]) % d.dev.Ports(); writes[i+2] % 3 {
				case 0:
					d.dev.Deliver(port, writes[i:i+5])
				case 1:
					d.dev.Taken(port, int(binary.LittleEndian.Uint16(writes[i+3:])))
				default:
					d.dev.HangUp(port)
				}
				continue
			}
			if at == regStatus && writes[i+1] == 0 {
				d.start()
				continue
			}
			d.dev.Write(at&^3, 4, uint64(binary.LittleEndian.Uint32(writes[i+1:])))
		}
		if got := d.reg(regMagic); got != magic {
			t.Errorf("magic value %#x", got)
		}
	})
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }
