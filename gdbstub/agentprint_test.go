package gdbstub

import (
	"errors"
	"strings"
	"testing"
)

// printCode is the expression that gdb makes of a dprintf with these arguments.
func printCode(format string, args ...int64) []byte {
	var code []byte
	for i := len(args) - 1; i >= 0; i-- {
		code = append(code, axConst64)
		for shift := 56; shift >= 0; shift -= 8 {
			code = append(code, byte(args[i]>>shift))
		}
	}
	n := len(format) + 1
	code = append(code, axConst8, 0, axConst8, 0, axPrintf, byte(len(args)), byte(n>>8), byte(n))
	code = append(code, format...)
	return append(code, 0, axEnd)
}

// stringsEnv has two strings, of which the second runs into what is not mapped.
type stringsEnv struct{ agentTestEnv }

func (stringsEnv) AgentMemory(addr uint64, size int) (uint64, error) {
	const text = "hey\x00cut"
	if addr < 0x1000 || addr >= 0x1000+uint64(len(text)) || size != 1 {
		return 0, ErrFault
	}
	return uint64(text[addr-0x1000]), nil
}

// TestAgentPrint: what gdbserver 13 prints of the same dprintf for an x86-64 program, and of %p what gdb's own style does.
func TestAgentPrint(t *testing.T) {
	for _, c := range []struct {
		format string
		args   []int64
		want   string
	}{
		{`plain\n`, nil, "plain\n"},
		{`\a\b\e\f\t\v\"\\ 100%%\r`, nil, "\a\b\x1b\f\t\v\"\\ 100%\r"},
		{`x=%d s=%s`, []int64{-1, 0x1000}, "x=-1 s=hey"},
		{`%u %x %X %o %i`, []int64{-1, -1, 0xabc, 8, -7}, "4294967295 ffffffff ABC 10 -7"},
		{`%lu %ld %lx`, []int64{-1, -1, -1}, "18446744073709551615 -1 ffffffffffffffff"},
		{`%llu %lld %zu %jd`, []int64{81985529216486895, -5, 3, 4}, "81985529216486895 -5 3 4"},
		{`|%5d|%-5d|%05d|%+d|% d|%.3d|`, []int64{42, 42, 42, 42, 42, 7}, "|   42|42   |00042|+42| 42|007|"},
		{`%#x %#o %#x`, []int64{255, 8, 0}, "0xff 010 0"},
		{`%c|%5c|%-3c|`, []int64{'a', 'b', 'c'}, "a|    b|c  |"},
		{`%c`, []int64{0xe4}, "\xe4"},
		{`%s|%6s|%-6s|%.2s`, []int64{0x1000, 0x1000, 0x1000, 0x1000}, "hey|   hey|hey   |he"},
		{`%s`, []int64{0}, "(null)"},
		{`%s %s`, []int64{0x1004, 8}, "cut<cannot access memory> <cannot access memory>"},
		{`%p %p`, []int64{0x1000, 0}, "0x1000 (nil)"},
	} {
		e, err := ParseAgentExpr(printCode(c.format, c.args...))
		if err != nil {
			t.Errorf("%s: %v", c.format, err)
			continue
		}
		var m agentMachine
		out := agentOutput{long: 64}
		if _, err := m.run(e, stringsEnv{}, &out); err != nil || string(out.text) != c.want {
			t.Errorf("%s = %q, %v; want %q", c.format, out.text, err, c.want)
		}
		if _, err := e.Eval(stringsEnv{}); !errors.Is(err, errAgentPrint) {
			t.Errorf("%s as a condition: %v", c.format, err)
		}
	}
}

// TestAgentPrintLong: a long of a 32-bit program has 32 bits.
func TestAgentPrintLong(t *testing.T) {
	e, err := ParseAgentExpr(printCode("%ld %lu %lx %p %lld", -1, -1, -1, -1, -1))
	if err != nil {
		t.Fatal(err)
	}
	var m agentMachine
	out := agentOutput{long: 32}
	if _, err := m.run(e, stringsEnv{}, &out); err != nil || string(out.text) != "-1 4294967295 ffffffff 0xffffffff -1" {
		t.Errorf("%q, %v", out.text, err)
	}
}

func TestAgentPrintRefused(t *testing.T) {
	for format, args := range map[string][]int64{
		"%f":                     {1},
		"%n":                     {1},
		"%*d":                    {1, 2},
		"%Ld":                    {1},
		"%lld %d":                {1},
		"%":                      nil,
		"%5":                     {1},
		"none":                   {1},
		`\q`:                     nil,
		"zero\x00inside":         nil,
		strings.Repeat("%d", 33): make([]int64, 33),
	} {
		if _, err := ParseAgentExpr(printCode(format, args...)); !errors.Is(err, ErrInvalid) {
			t.Errorf("%q: %v", format, err)
		}
	}
	for name, code := range map[string][]byte{
		"a text cut off":       {axConst8, 0, axConst8, 0, axPrintf, 0, 0, 9, 'x', 0, axEnd},
		"a text without end":   {axConst8, 0, axConst8, 0, axPrintf, 0, 0, 1, 'x', axEnd},
		"no text":              {axConst8, 0, axConst8, 0, axPrintf, 0, 0, 0, axEnd},
		"the operand cut off ": {axConst8, 0, axConst8, 0, axPrintf, 0, 0},
	} {
		if _, err := ParseAgentExpr(code); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	e, err := ParseAgentExpr([]byte{axConst8, 0, axPrintf, 0, 0, 1, 0, axEnd})
	if err != nil {
		t.Fatal(err)
	}
	var m agentMachine
	if _, err := m.run(e, stringsEnv{}, &agentOutput{long: 64}); !errors.Is(err, errAgentStack) {
		t.Errorf("too few values on the stack: %v", err)
	}
}
