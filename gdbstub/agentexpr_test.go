package gdbstub

import (
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// agentTestEnv has register n holding n*0x1111 and 256 bytes of memory at 0x100, each its own low address byte.
type agentTestEnv struct{}

func (agentTestEnv) AgentRegister(reg int) (uint64, error) {
	if reg > 31 {
		return 0, ErrUnavailable
	}
	return uint64(reg) * 0x1111, nil
}

func (agentTestEnv) AgentMemory(addr uint64, size int) (v uint64, err error) {
	for i := range size {
		a := addr + uint64(i)
		if a < 0x100 || a >= 0x200 {
			return 0, ErrFault
		}
		v |= a & 0xff << (8 * i)
	}
	return v, nil
}

func TestAgentExprBytecodes(t *testing.T) {
	for _, c := range []struct {
		name, code string
		want       int64
	}{
		{"const8 is unsigned", "22ff 27", 255},
		{"const16 is big-endian", "231234 27", 0x1234},
		{"const32", "24ffffffff 27", 0xffffffff},
		{"const64", "25ffffffffffffffff 27", -1},
		{"add", "2203 2204 02 27", 7},
		{"sub: the top is subtracted", "2203 2204 03 27", -1},
		{"mul", "2203 2204 04 27", 12},
		{"div_signed", "22f9 1608 2202 05 27", -3},
		{"div_unsigned", "22f9 1608 2202 06 27", math.MaxInt64 - 3},
		{"rem_signed", "22f9 1608 2202 07 27", -1},
		{"rem_unsigned", "22f9 1608 2202 08 27", 1},
		{"div of the smallest by -1 wraps", "258000000000000000 25ffffffffffffffff 05 27", math.MinInt64},
		{"lsh", "2201 2204 09 27", 16},
		{"lsh by the width", "2201 2240 09 27", 0},
		{"rsh_signed", "22f0 1608 2202 0a 27", -4},
		{"rsh_unsigned", "22f0 1608 223c 0b 27", 15},
		{"log_not of 0", "2200 0e 27", 1},
		{"log_not of 5", "2205 0e 27", 0},
		{"bit_and", "220c 220a 0f 27", 8},
		{"bit_or", "220c 220a 10 27", 14},
		{"bit_xor", "220c 220a 11 27", 6},
		{"bit_not", "2200 12 27", -1},
		{"equal", "2207 2207 13 27", 1},
		{"less_signed: next below top", "2203 2204 14 27", 1},
		{"less_signed of a negative", "22ff 1608 2204 14 27", 1},
		{"less_unsigned of a negative", "22ff 1608 2204 15 27", 0},
		{"ext", "2280 1608 27", -128},
		{"ext of 64 bits", "2280 1640 27", 128},
		{"zero_ext", "25ffffffffffffffff 2a10 27", 0xffff},
		{"ref8", "230180 17 27", 0x80},
		{"ref16 is the target's order", "230110 18 27", 0x1110},
		{"ref32", "230110 19 27", 0x13121110},
		{"ref64", "230180 1a 27", -0x7879_7a7b_7c7d_7e80},
		{"if_goto taken", "2201 200008 2205 27 2206 27", 6},
		{"if_goto not taken", "2200 200008 2205 27 2206 27", 5},
		{"goto", "210005 2205 2206 27", 6},
		{"reg", "260003 27", 0x3333},
		{"dup", "2203 28 04 27", 9},
		{"pop", "2203 2204 29 27", 3},
		{"swap", "2203 2204 2b 03 27", 1},
		{"pick 0 is dup", "2203 2204 3200 03 27", 0},
		{"pick 1", "2203 2204 3201 27", 3},
		{"rot: the top goes below two", "2201 2202 2203 33 27", 2},
		{"rot, second", "2201 2202 2203 33 29 27", 1},
		{"rot, third", "2201 2202 2203 33 29 29 27", 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := mustParse(t, c.code)
			got, err := e.Eval(agentTestEnv{})
			if err != nil || got != c.want {
				t.Errorf("%s = %d, %v; want %d", c.code, got, err, c.want)
			}
		})
	}
}

func mustParse(t testing.TB, code string) *AgentExpr {
	t.Helper()
	raw, err := hex.DecodeString(strings.ReplaceAll(code, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	e, err := ParseAgentExpr(raw)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestAgentExprRefused(t *testing.T) {
	for name, code := range map[string]string{
		"empty":                   "",
		"float":                   "01 27",
		"unknown":                 "ff 27",
		"trace":                   "0c 27",
		"operand cut off":         "23 01",
		"jump into an operand":    "210001 27",
		"jump beyond":             "210004 27",
		"extension from 0 bits":   "2201 1600 27",
		"extension from 65 bits":  "2201 2a41 27",
		"tracepoint variable":     "2c0001 27",
		"printf, for dprintf":     "34 00 0000 27",
		"floating-point memory":   "2201 1b 27",
		"conversion to double":    "2201 1e 27",
		"longest code that isn't": strings.Repeat("28", axMaxCode+1),
	} {
		raw, _ := hex.DecodeString(strings.ReplaceAll(code, " ", ""))
		if _, err := ParseAgentExpr(raw); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v, want ErrInvalid", name, err)
		}
	}
}

func TestAgentExprFails(t *testing.T) {
	for name, c := range map[string]struct {
		code string
		want error
	}{
		"division by zero":     {"2201 2200 05 27", errAgentDivide},
		"remainder by zero":    {"2201 2200 08 27", errAgentDivide},
		"end on empty stack":   {"27", errAgentStack},
		"add with one":         {"2201 02 27", errAgentStack},
		"rot with two":         {"2201 2202 33 27", errAgentStack},
		"pick too deep":        {"2201 3201 27", errAgentStack},
		"swap with one":        {"2201 2b 27", errAgentStack},
		"stack overflow":       {"2201 28 210002", errAgentStack},
		"endless":              {"210000", errAgentLoop},
		"no end":               {"2201", ErrInvalid},
		"unmapped memory":      {"2201 19 27", ErrFault},
		"across the end":       {"2301ff 18 27", ErrFault},
		"unavailable register": {"260020 27", ErrUnavailable},
	} {
		if v, err := mustParse(t, c.code).Eval(agentTestEnv{}); !errors.Is(err, c.want) {
			t.Errorf("%s = %d, %v; want %v", name, v, err, c.want)
		}
	}
}

func TestBreakpointHit(t *testing.T) {
	no, yes, fails := mustParse(t, "2200 27"), mustParse(t, "2202 27"), mustParse(t, "2200 17 27")
	for name, c := range map[string]struct {
		conditions []*AgentExpr
		want       bool
	}{
		"none":           {nil, true},
		"false":          {[]*AgentExpr{no}, false},
		"false and true": {[]*AgentExpr{no, yes}, true},
		"fails":          {[]*AgentExpr{no, fails}, true},
	} {
		if got := (&Breakpoint{Conditions: c.conditions}).Hit(agentTestEnv{}); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestAgentExprLikeGDB lets gdb compile expressions into conditions and evaluate the same ones by itself, in the same
// state of the target, and compares.
func TestAgentExprLikeGDB(t *testing.T) {
	const base = memBase + 0x200
	var exprs []string
	for _, e := range []string{
		"@int < 0", "@uint > 5", "@int / 2 % 3", "@uint / 3", "@uint % 7", "(char)@long", "(unsigned char)@int", "(short)@uint",
		"~@int ^ @uint", "-@int", "!@int || @uint * 2", "@int && @short", "@int ? @uint : @long", "@long << 4", "@long >> 7",
		"@int >> 1", "@uint >> 1", "@ushort", "@short", "@uchar", "@char", "@ulong / 1000", "@long / -1000", "@long % 1000",
		"*(int *)@ptr", "((int *)@ptr)[2] + ((short *)@ptr)[-1]", "(@int, @uint)", "@uint == 0xfffffff0", "@int != -5",
		"@int <= -5", "@uint >= 0xfffffff1U", "$x3 == 3", "$x0 + $x1 * $x2 - $x30", "$pc", "(long)$sp & 0xfff", "$x5 | 0x80",
		"(int)$x1 - 2 < 0", "(unsigned int)$x1 - 2 < 0", "@uchar + @char", "@long == -1099511627776L",
	} {
		for name, at := range map[string]string{
			"@int": "int *)", "@uint": "unsigned int *)", "@long": "long *)", "@ulong": "unsigned long *)", "@short": "short *)",
			"@ushort": "unsigned short *)", "@char": "signed char *)", "@uchar": "unsigned char *)", "@ptr": "long *)",
		} {
			off := map[string]int{"@int": 0, "@uint": 4, "@long": 8, "@ulong": 8, "@short": 16, "@ushort": 18, "@char": 20,
				"@uchar": 21, "@ptr": 24}[name]
			e = regexp.MustCompile(name+`\b`).ReplaceAllString(e, fmt.Sprintf("(*(%s%#x)", at, base+off))
		}
		exprs = append(exprs, e)
	}
	fake := newFakeTarget()
	data, _ := hex.DecodeString("fbffffff" + "f0ffffff" + "0000000000ffffff" + "fcff" + "fcff" + "80" + "81" + "0000" + "0c02004000000000")
	copy(fake.mem[base-memBase:], data)
	target := fake.target()
	target.Files = nil
	var script strings.Builder
	script.WriteString("set breakpoint always-inserted on\n")
	for i, e := range exprs {
		fmt.Fprintf(&script, "break *%#x if %s\nprintf \"value %%ld\\n\", (long)(%s)\n", 0x40001000+16*i, e, e)
	}
	out := runGDB(t, target, script.String())
	values := regexp.MustCompile(`(?m)^value (-?\d+)$`).FindAllStringSubmatch(out, -1)
	if len(values) != len(exprs) {
		t.Fatalf("gdb evaluated %d of %d expressions:\n%s", len(values), len(exprs), out)
	}
	compared := 0
	for i, e := range exprs {
		want, err := strconv.ParseInt(values[i][1], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range fake.seen {
			if b.Address != uint64(0x40001000+16*i) || len(b.Conditions) == 0 {
				continue
			}
			got, err := b.Conditions[0].Eval(fakeEnv{fake, fake.threads[0]})
			if err != nil || got != want {
				t.Errorf("%s: %x gives %d, %v; gdb says %d", e, b.Conditions[0].Code(), got, err, want)
			}
			compared++
			break
		}
	}
	if compared < len(exprs)-2 {
		t.Errorf("only %d of %d conditions reached the target:\n%s", compared, len(exprs), out)
	}
}

func FuzzAgentExpr(f *testing.F) {
	for _, code := range []string{"26000022051327", "2201200008220527220627", "2202282b0427", "220119160827", "210000", "2201283201330227"} {
		raw, _ := hex.DecodeString(code)
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, code []byte) {
		e, err := ParseAgentExpr(code)
		if err != nil {
			return
		}
		a, errA := e.Eval(agentTestEnv{})
		b, errB := e.Eval(agentTestEnv{})
		if a != b || (errA == nil) != (errB == nil) {
			t.Errorf("%x: %d, %v then %d, %v", code, a, errA, b, errB)
		}
	})
}

func BenchmarkAgentExpr(b *testing.B) {
	e := mustParse(b, "260000 2a40 19 1620 2207 13 27")
	env := constantEnv{}
	b.ReportAllocs()
	for b.Loop() {
		if v, err := e.Eval(env); v != 0 || err != nil {
			b.Fatal(v, err)
		}
	}
}

type constantEnv struct{}

func (constantEnv) AgentRegister(int) (uint64, error)       { return 0x100, nil }
func (constantEnv) AgentMemory(uint64, int) (uint64, error) { return 0, nil }
