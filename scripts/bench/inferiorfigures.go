package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// forkCount is the number of forks that are caught.
const forkCount = 1000

// prepareCatch lets a program fork many times. Each fork is reported, the child is let go, and the parent goes on.
func prepareCatch(ctx context.Context, b *bench, s *server) (*measurement, error) {
	return &measurement{run: func() (float64, error) {
		u, err := s.debug(ctx, "forks", fmt.Sprint(forkCount))
		if err != nil {
			return 0, err
		}
		defer u.close()
		elapsed, err := b.stopwatch(u.process)
		if err != nil {
			return 0, err
		}
		for n := 0; ; n++ {
			switch err := u.continueProcess(); {
			case errors.Is(err, errEnded):
				if n != forkCount || !bytes.HasPrefix(u.lastStop, []byte("W0")) {
					return 0, u.failed(fmt.Sprintf("ended the program by %q after %d forks", u.lastStop, n))
				}
				return elapsed()
			case err != nil:
				return 0, err
			}
			if err := u.detachChild(); err != nil {
				return 0, err
			}
		}
	}}, nil
}

func prepareCatchGDB(ctx context.Context, b *bench, s *server) (*measurement, error) {
	const script = `catch fork
commands
silent
set $caught = $caught + 1
continue
end
set $caught = 0
echo bench: begin\n
continue
echo bench: end\n
printf "result: %d caught, status %d\n", $caught, $_exitcode
`
	return &measurement{run: func() (float64, error) {
		t, text, err := s.gdbTime(ctx, b.temp, []string{"forks", fmt.Sprint(forkCount)}, script, "result: ")
		if want := fmt.Sprintf("result: %d caught, status 0", forkCount); err == nil && text != want {
			err = fmt.Errorf("gdb prints %q, not %q", text, want)
		}
		return t, err
	}}, nil
}

// prepareUserCondition lets a program pass a breakpoint whose condition, a comparison of a word on the stack, is false. Both
// servers evaluate conditions themselves.
func prepareUserCondition(ctx context.Context, b *bench, s *server) (*measurement, error) {
	const never = 1 // a return address and a frame pointer are never 1
	hot, err := s.inferior.symbol(hotUserFunction)
	if err != nil {
		return nil, err
	}
	rare, err := s.inferior.symbol(rareUserFunction)
	if err != nil {
		return nil, err
	}
	u, err := s.debug(ctx, "passes")
	if err != nil {
		return nil, err
	}
	at := breakpoint{c: u.client, addr: hot.Value, condition: stackWordIs(u.layout.sp, never)}
	end := breakpoint{c: u.client, addr: rare.Value}
	err = errors.Join(end.insert(), end.reach(), at.insert())
	if err == nil {
		err = passes(u, hot.Value, rare.Value)
	}
	if err != nil {
		u.close()
		return nil, err
	}
	return &measurement{close: u.close, run: func() (float64, error) {
		return b.rate(u.process, func() (int, error) { return hotPasses, errors.Join(end.leave(), end.here()) })
	}}, nil
}

// passes sees that the breakpoint is there: made unconditional for once, it stops the program.
func passes(u *userSession, hot, rare uint64) error {
	plain := breakpoint{c: u.client, addr: hot}
	conditional := breakpoint{c: u.client, addr: hot, condition: stackWordIs(u.layout.sp, 1)}
	end := breakpoint{c: u.client, addr: rare}
	return errors.Join(conditional.remove(), plain.insert(), end.leave(), plain.here(), plain.remove(), conditional.insert(),
		end.reach())
}

// prepareNext steps over calls of a function that forks, the way gdb does: it steps until it is in the function, sets a
// breakpoint where that returns to, and goes on; it lets the child go that is reported then, and goes on to the breakpoint.
func prepareNext(ctx context.Context, b *bench, s *server) (*measurement, error) {
	lines, err := s.inferior.symbol(forkingLines)
	if err != nil {
		return nil, err
	}
	callee, err := s.inferior.symbol(forkingFunction)
	if err != nil {
		return nil, err
	}
	u, err := s.debug(ctx, "lines")
	if err != nil {
		return nil, err
	}
	start := breakpoint{c: u.client, addr: lines.Value}
	next := func() error {
		if err := u.resume(fmt.Sprintf("r%x,%x:%s;c:p%s.-1", lines.Value, lines.Value+lines.Size, u.thread, u.pid)); err != nil {
			return err
		}
		in := breakpoint{c: u.client, addr: callee.Value}
		if err := in.here(); err != nil {
			return err
		}
		ret, err := u.returnAddress()
		if err != nil {
			return err
		}
		after := breakpoint{c: u.client, addr: ret}
		return errors.Join(after.insert(), u.continueProcess(), u.detachChild(), u.continueProcess(), after.here(), after.remove())
	}
	if err := errors.Join(start.insert(), start.reach(), start.remove(), next()); err != nil {
		u.close()
		return nil, err
	}
	return &measurement{close: u.close, run: func() (float64, error) { return b.rate(u.process, once(next)) }}, nil
}

func prepareNextGDB(ctx context.Context, b *bench, s *server) (*measurement, error) {
	const count = 50
	script := fmt.Sprintf(`break %s
continue
delete
next
set $before = forks
set $n = 0
echo bench: begin\n
while $n < %d
next
set $n = $n + 1
end
echo bench: end\n
printf "result: %%d forks\n", forks - $before
kill
`, forkingLines, count)
	return &measurement{run: func() (float64, error) {
		t, text, err := s.gdbTime(ctx, b.temp, []string{"lines"}, script, "result: ")
		if err != nil {
			return 0, err
		}
		// A loop's own lines may add stops without a fork.
		var n int
		if _, err := fmt.Sscanf(text, "result: %d forks", &n); err != nil || n < count*3/4 || n > count {
			return 0, fmt.Errorf("gdb prints %q after %d times next", text, count)
		}
		return float64(n) / t, nil
	}}, nil
}

// returnAddress is that of the function whose first instruction is next.
func (u *userSession) returnAddress() (uint64, error) {
	_, sp, err := u.registers()
	if err != nil {
		return 0, err
	}
	if at, size := u.layout.returnAt, u.layout.size; at >= 0 {
		reply, err := u.command("g")
		if err != nil {
			return 0, err
		}
		if len(reply) < 2*(at+size) {
			return 0, fmt.Errorf("registers: the stub says %.60q", reply)
		}
		return littleEndian(reply[2*at : 2*(at+size)])
	}
	digits, err := u.memory(sp, u.layout.size)
	if err != nil {
		return 0, err
	}
	return littleEndian(digits)
}

// prepareStart measures from the server's start to the reply that says where the program is: at its first instruction.
func prepareStart(ctx context.Context, b *bench, s *server) (*measurement, error) {
	return &measurement{run: func() (float64, error) {
		u, err := s.debug(ctx, "forks", "0")
		if err != nil {
			return 0, err
		}
		defer u.close()
		t := time.Since(u.started).Seconds()
		if b.cpu {
			if t, err = u.cpuTime(); err != nil {
				return 0, err
			}
		}
		return t, breakpoint{c: u.client, addr: s.inferior.entry}.here()
	}}, nil
}

// prepareStartGDB measures from the server's start until gdb, which reads the program from the server, would prompt.
func prepareStartGDB(ctx context.Context, _ *bench, s *server) (*measurement, error) {
	return &measurement{run: func() (float64, error) {
		p, address, err := s.start(ctx, "forks", "0")
		if err != nil {
			return 0, err
		}
		defer p.kill()
		const prefix = "bench: at "
		g, err := s.gdb(ctx, p, address, `printf "`+prefix+`%#lx, %d\n", $pc, &`+hotUserFunction+" != 0", "kill")
		if err != nil {
			return 0, err
		}
		defer g.kill()
		text, at, err := g.line(prefix)
		if want := fmt.Sprintf("%s%#x, 1", prefix, s.inferior.entry); err == nil && text != want {
			err = fmt.Errorf("gdb prints %q, not %q", text, want)
		}
		return at.Sub(p.started).Seconds(), err
	}}, nil
}

// prepareOverhead compares a program that is debugged, with nothing asked for, with the same one let go at its first
// instruction.
func prepareOverhead(ctx context.Context, b *bench, s *server) (*measurement, error) {
	const rounds = 10_000
	run := func(letGo bool) (float64, error) {
		u, err := s.debug(ctx, "busy", fmt.Sprint(rounds))
		if err != nil {
			return 0, err
		}
		defer u.close()
		elapsed, err := b.stopwatch(u.process)
		if err != nil {
			return 0, err
		}
		if letGo {
			err = u.must("D;" + u.pid)
		} else {
			err = u.send("vCont;c:p" + u.pid + ".-1")
		}
		if err != nil {
			return 0, err
		}
		text, _, err := u.line("busy: ")
		if want := fmt.Sprintf("busy: %d signals", rounds); err == nil && strings.TrimSpace(text) != want {
			err = u.failed(fmt.Sprintf("printed %q, not %q", text, want))
		}
		if err != nil {
			return 0, err
		}
		return elapsed()
	}
	return &measurement{run: func() (float64, error) {
		alone, err := run(true)
		if err != nil {
			return 0, err
		}
		attached, err := run(false)
		return attached / alone, err
	}}, nil
}
