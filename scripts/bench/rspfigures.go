package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// hot starts the syscall load and stops it at the hot function, for the first time.
func hot(ctx context.Context, g *guest, e *emulator) (*session, breakpoint, error) {
	addr, err := g.symbol(hotFunction)
	if err != nil {
		return nil, breakpoint{}, err
	}
	s, err := e.debug(ctx, g, boot{loads: true, append: "init=/" + syscallLoad})
	if err != nil {
		return nil, breakpoint{}, err
	}
	at := breakpoint{c: s.client, addr: addr}
	if err := errors.Join(at.insert(), at.reach(), at.remove()); err != nil {
		s.close()
		return nil, breakpoint{}, err
	}
	return s, at, nil
}

// rate calls f, which does something a number of times in a process and returns that number, for the measuring time, and
// returns how often it was done per second.
func (b *bench) rate(p *process, f func() (int, error)) (float64, error) {
	elapsed, err := b.stopwatch(p)
	if err != nil {
		return 0, err
	}
	for n, start := 0, time.Now(); ; {
		k, err := f()
		if err != nil {
			return 0, err
		}
		n += k
		if time.Since(start) >= b.span {
			t, err := elapsed()
			return float64(n) / t, err
		}
	}
}

// stopwatch starts to measure and returns a function that says how many seconds have passed, or how many the process has had a
// processor for.
func (b *bench) stopwatch(p *process) (elapsed func() (float64, error), err error) {
	if !b.cpu {
		start := time.Now()
		return func() (float64, error) { return time.Since(start).Seconds(), nil }, nil
	}
	before, err := p.cpuTime()
	return func() (float64, error) {
		t, err := p.cpuTime()
		// What is less than the unit in which the host counts must not become an infinite rate.
		return max(t-before, 1e-3), err
	}, err
}

// once is f, which does something one time, for rate.
func once(f func() error) func() (int, error) {
	return func() (int, error) { return 1, f() }
}

func prepareSteps(ctx context.Context, b *bench, g *guest, e *emulator) (*measurement, error) {
	s, _, err := hot(ctx, g, e)
	if err != nil {
		return nil, err
	}
	// The steps must be steps: a kernel function has no jump to itself.
	last := uint64(0)
	for range 16 {
		if err = s.step(); err != nil {
			break
		}
		var pc uint64
		if pc, _, err = s.registers(); err == nil && pc == last {
			err = fmt.Errorf("a step stayed at %#x", pc)
		}
		last = pc
	}
	if err != nil {
		s.close()
		return nil, err
	}
	return &measurement{run: func() (float64, error) { return b.rate(s.process, once(s.step)) }, close: s.close}, nil
}

func prepareBreak(ctx context.Context, b *bench, g *guest, e *emulator) (*measurement, error) {
	return prepareCycles(ctx, b, g, e, func(at breakpoint) error { return at.leave() })
}

// prepareBreakMinimal leaves the breakpoint inserted: both stubs step off it.
func prepareBreakMinimal(ctx context.Context, b *bench, g *guest, e *emulator) (*measurement, error) {
	return prepareCycles(ctx, b, g, e, func(at breakpoint) error {
		if err := at.c.step(); err != nil {
			return err
		}
		return at.c.resume("c")
	})
}

func prepareCycles(ctx context.Context, b *bench, g *guest, e *emulator, cycle func(breakpoint) error) (*measurement, error) {
	s, at, err := hot(ctx, g, e)
	if err != nil {
		return nil, err
	}
	if err := at.insert(); err != nil {
		s.close()
		return nil, err
	}
	return &measurement{close: s.close, run: func() (float64, error) {
		v, err := b.rate(s.process, once(func() error { return cycle(at) }))
		return v, errors.Join(err, at.here())
	}}, nil
}

// prepareCondition lets the guest pass a breakpoint whose condition, a comparison of a word on the stack, is false. A
// stub that evaluates conditions itself is told it, and the guest stops only at the rare function, after a known number of
// passes. With one that can't, the debugger stops, looks, and goes on, as gdb does then.
func prepareCondition(ctx context.Context, b *bench, g *guest, e *emulator) (*measurement, error) {
	const never = 1 // a return address and a frame pointer are never 1
	s, at, err := hot(ctx, g, e)
	if err != nil {
		return nil, err
	}
	rare, err := g.symbol(rareFunction)
	if err != nil {
		s.close()
		return nil, err
	}
	features, err := s.command("qSupported")
	byTarget := bytes.Contains(features, []byte("ConditionalBreakpoints+"))
	if err != nil {
		s.close()
		return nil, err
	}
	if !byTarget {
		if err := at.insert(); err != nil {
			s.close()
			return nil, err
		}
		return &measurement{close: s.close, run: func() (float64, error) {
			return b.rate(s.process, once(func() error { return at.lookAndLeave(never) }))
		}}, nil
	}
	end := breakpoint{c: s.client, addr: rare}
	if err := errors.Join(end.insert(), end.reach()); err != nil {
		s.close()
		return nil, err
	}
	at.condition = stackWordIs(s.layout.sp, never)
	if err := at.insert(); err != nil {
		s.close()
		return nil, err
	}
	return &measurement{close: s.close, run: func() (float64, error) {
		return b.rate(s.process, func() (int, error) { return syscallRound, errors.Join(end.leave(), end.here()) })
	}}, nil
}

// lookAndLeave evaluates the condition in the debugger.
func (b breakpoint) lookAndLeave(never uint32) error {
	pc, sp, err := b.c.registers()
	if err != nil {
		return err
	}
	if pc != b.addr {
		return fmt.Errorf("stopped at %#x, not at the breakpoint at %#x", pc, b.addr)
	}
	var word [4]byte
	if err := b.c.readMemory(sp, word[:]); err != nil {
		return err
	}
	if binary.LittleEndian.Uint32(word[:]) == never {
		return fmt.Errorf("the condition is true: the word at %#x is %d", sp, never)
	}
	return b.leave()
}

// stackWordIs is *(uint32_t *)$sp == value as an agent expression (gdb manual, appendix F).
func stackWordIs(sp int, value uint32) []byte {
	code := []byte{
		0x26, byte(sp >> 8), byte(sp), // reg
		0x19,     // ref32
		0x2a, 32, // zero_ext
		0x24, // const32
	}
	code = binary.BigEndian.AppendUint32(code, value)
	return append(code, 0x13, 0x27) // equal, end
}

// prepareMemory reads the kernel's code round and round, by the longest replies that the stub gives.
func prepareMemory(ctx context.Context, b *bench, g *guest, e *emulator) (*measurement, error) {
	s, _, err := hot(ctx, g, e)
	if err != nil {
		return nil, err
	}
	base, err := g.symbol("_text")
	if err != nil {
		s.close()
		return nil, err
	}
	block := make([]byte, min(s.packetSize/2, len(g.text)))
	for err = s.readMemory(base, block); err != nil && len(block) > 64; err = s.readMemory(base, block) {
		block = block[:len(block)/2]
	}
	if err == nil && !bytes.Equal(block, g.text[:len(block)]) {
		err = fmt.Errorf("the guest's memory at %#x is not the kernel image's code", base)
	}
	if err != nil {
		s.close()
		return nil, err
	}
	b.note("%s, memory read: %s takes %d bytes per packet", g.arch, e.name, len(block))
	offset := 0
	return &measurement{close: s.close, run: func() (float64, error) {
		bytesPerSecond, err := b.rate(s.process, func() (int, error) {
			if offset+len(block) > len(g.text) {
				offset = 0
			}
			// What comes is the image's code, as seen above: the digits are only counted here.
			_, err := s.memory(base+uint64(offset), len(block))
			offset += len(block)
			return len(block), err
		})
		return bytesPerSecond / 1e6, err
	}}, nil
}
