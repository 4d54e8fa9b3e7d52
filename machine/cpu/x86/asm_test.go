package x86

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"forkscope/scripts/oracle"
)

// assembleFiles builds a flat 32-bit binary, linked at org, from the files given by name and text.
func assembleFiles(t testing.TB, org uint32, options []string, files map[string]string) []byte {
	t.Helper()
	dir := t.TempDir()
	args := append([]string{"-march=i686", "-fno-pic", "-fno-pie", "-no-pie", "-ffreestanding", "-fno-asynchronous-unwind-tables", "-nostdlib", "-static",
		"-fcf-protection=none", fmt.Sprintf("-Wl,-Ttext=%#x", org), "-Wl,--oformat=binary,-e,_start,--build-id=none", "-o", "out"}, options...)
	for _, name := range []string{"a.S", "b.c"} { // the entry first
		if text, ok := files[name]; ok {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			args = append(args, name)
		}
	}
	var last string
	for _, cc := range [][]string{{"i686-linux-gnu-gcc"}, {"gcc", "-m32"}} {
		cmd := exec.Command(cc[0], append(cc[1:], args...)...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if err == nil {
			p, err := os.ReadFile(filepath.Join(dir, "out"))
			if err != nil {
				t.Fatal(err)
			}
			return p
		}
		if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
			t.Fatalf("%s: %v\n%s", cc[0], err, out)
		}
		last = err.Error()
	}
	oracle.Missing(t, "code in assembly", "compiler for 32-bit x86", last)
	return nil
}

// assembleFiles64 builds a flat 64-bit binary, linked at testOrg.
func assembleFiles64(t testing.TB, options []string, files map[string]string) []byte {
	t.Helper()
	dir := t.TempDir()
	args := append([]string{"-m64", "-march=x86-64", "-mcmodel=small", "-mno-red-zone", "-fno-pic", "-fno-pie", "-no-pie", "-ffreestanding",
		"-fno-asynchronous-unwind-tables", "-fno-stack-protector", "-nostdlib", "-static", "-fcf-protection=none",
		fmt.Sprintf("-Wl,-Ttext=%#x", testOrg), "-Wl,--oformat=binary,-e,_start,--build-id=none", "-o", "out"}, options...)
	for _, name := range []string{"a.S", "b.c"} {
		if text, ok := files[name]; ok {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			args = append(args, name)
		}
	}
	cmd := exec.Command("gcc", args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if errors.Is(err, exec.ErrNotFound) {
		oracle.Missing(t, "code in assembly", "compiler for x86-64", err.Error())
	}
	if err != nil {
		t.Fatalf("gcc: %v\n%s", err, out)
	}
	p, err := os.ReadFile(filepath.Join(dir, "out"))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// noCompiler says why assembleFiles cannot build anything, or nothing.
func noCompiler() string {
	for _, cc := range []string{"i686-linux-gnu-gcc", "gcc"} {
		if _, err := exec.LookPath(cc); err == nil {
			return ""
		}
	}
	return "no compiler for 32-bit x86 is installed (scripts/setup installs i686-linux-gnu-gcc)"
}

const testOrg = 0x100000

// assemble builds 32-bit code to run at testOrg.
func assemble(t testing.TB, text string) []byte {
	t.Helper()
	return assembleFiles(t, testOrg, nil, map[string]string{"a.S": ".globl _start\n_start:\n" + text + "\n"})
}

// start puts code at testOrg and the CPU in flat protected mode before it, with a stack.
func (m *machine) start(code []byte) {
	m.write(testOrg, code)
	m.c.SetProtectedFlat(Entry{EIP: testOrg, ESP: 0x90000})
}
