package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"forkscope/scripts/oracle"
)

// The programs in testdata/i386 show all that a program sees of the processor but the x87: results and flags, segments, string instructions,
// code that changes itself, and each exception as the signal that Linux makes of it.

// onProcessor is the family of what these programs print.
const onProcessor = "i386 programs on a processor"

// TestI386ProgramsAgreeWithProcessor compares with what the programs printed under Linux on an x86-64 processor of AMD's, built as buildI386
// does; a processor is needed because QEMU's user emulation checks no limits, rights and alignment and gives no trap numbers. Only the line of
// icebp is as the manual has it (Intel SDM, volume 3, 6.15, interrupt 1 as a trap: the address is that of the next instruction): there was a hypervisor
// between, which left the address at the instruction.
func TestI386ProgramsAgreeWithProcessor(t *testing.T) {
	for _, name := range []string{"faults", "steps", "segments"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want, err := os.ReadFile(filepath.Join("testdata", "i386", name+".want"))
			if err != nil {
				t.Fatal(err)
			}
			prog := buildI386(t, onProcessor, "a processor's recorded output", filepath.Join("testdata", "i386", name+".c"))
			got, status := ours(t, prog)
			if status != 0 {
				t.Errorf("status %d", status)
			}
			sameLines(t, "the processor", programLines(got), programLines(string(want)))
			oracle.Compared(onProcessor, "a processor's recorded output", len(programLines(string(want))))
		})
	}
}

// sameLines reports each line that differs from the oracle's.
func sameLines(t *testing.T, with string, have, want []string) {
	t.Helper()
	for i := range max(len(have), len(want)) {
		var h, w string
		if i < len(have) {
			h = have[i]
		}
		if i < len(want) {
			w = want[i]
		}
		if h != w {
			t.Errorf("line %d is  %s\nby %s  %s", i+1, h, with, w)
		}
	}
}

// notByQEMU are the pieces of faults, steps and segments that QEMU's user emulation does otherwise than a processor.
var notByQEMU = regexp.MustCompile("^(" + strings.Join([]string{
	// It knows no int1, lets any memory access be locked, checks no alignment, and pushes all of pusha from below.
	"icebp", "ud_lock_load", "ac_.*", "pf_pusha",
	// A null selector may be used.
	"gp_.s_null",
	// No limit and no right is checked, neither of data, nor of the stack, nor of code, and 32-bit code has the base 0.
	"small_.*", "read_only_(write|modify|bts)", "down_(below|across)", "down16_above", "code_write",
	"stack_.*", "stack16_wraps", "call32.*", "call_(exec_only|beyond|run_off|straddle|last|rpl0)", "edge_.*", "iret_beyond", "near_beyond",
	// lss holds the trap back, and a fault while stepping is told without TF.
	"lss_code", "faulting", "reading", "dividing", "shadow_fault",
}, "|") + "):")

// unlikeQEMU are the parts of a line that QEMU's user emulation has otherwise: trap numbers, RF, the errors of page faults, and the codes of SIGTRAP.
var unlikeQEMU = []struct {
	part *regexp.Regexp
	with string
}{
	{regexp.MustCompile(` trap -?\d+`), ""},
	{regexp.MustCompile(`flags 0x10(\d00)|flags 0x1(0000)`), "flags 0x$1"},
	{regexp.MustCompile(`flags 0x0*$`), "flags 0"},
	{regexp.MustCompile(`(signal 11 code 0x[12] .*) error 0x\d+`), "$1"},
	{regexp.MustCompile(`signal 5 code 0x[12]`), "signal 5"},
}

// TestI386ProgramsAgreeWithQEMU compares with QEMU's user emulation, whole where it does as a processor does.
func TestI386ProgramsAgreeWithQEMU(t *testing.T) {
	const emulator = "qemu-i386"
	if _, err := exec.LookPath(emulator); err != nil {
		oracle.Missing(t, onProcessor, emulator, "it is not installed")
	}
	for _, c := range []struct {
		name  string
		whole bool
		lines int // at least
	}{
		{"integer", true, 200},
		{"strings", true, 900},
		{"faults", false, 80},
		{"steps", false, 180},
		{"segments", false, 40},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			prog := buildI386(t, onProcessor, emulator, filepath.Join("testdata", "i386", c.name+".c"))
			ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
			defer cancel()
			out, err := exec.CommandContext(ctx, emulator, prog).Output()
			if err != nil {
				t.Fatalf("%s: %v\n%s", emulator, err, out)
			}
			got, status := ours(t, prog)
			if status != 0 {
				t.Errorf("status %d", status)
			}
			have, want := programLines(got), programLines(string(out))
			if !c.whole {
				have, want = likeQEMU(have), likeQEMU(want)
			}
			if len(want) < c.lines {
				t.Fatalf("%s gave %d lines", emulator, len(want))
			}
			sameLines(t, emulator, have, want)
			oracle.Compared(onProcessor, emulator, len(want))
		})
	}
}

func likeQEMU(lines []string) (comparable []string) {
	for _, l := range lines {
		if notByQEMU.MatchString(l) {
			continue
		}
		for _, u := range unlikeQEMU {
			l = u.part.ReplaceAllString(l, u.with)
		}
		comparable = append(comparable, l)
	}
	return comparable
}
