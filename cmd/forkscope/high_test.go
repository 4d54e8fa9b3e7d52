package main

import (
	"path/filepath"
	"testing"
)

// A kernel of anybody's that is linked elsewhere than it is loaded is stopped by its linked addresses before its page tables are in
// use, and not by other code that is at the loaded ones later. (QEMU's stub knows neither the image nor this.)
func TestForeignKernelLinkedHigh(t *testing.T) {
	for _, c := range []struct{ arch, linked, offset string }{
		{"i386", "0xc0100000", "0xc0000000"},
		{"arm64", "0xffffff8040080000", "0xffffff8000000000"},
	} {
		image := assemble(t, c.arch, "high.S", c.linked, false, "-g", "-DOFFSET="+c.offset,
			"-Wl,-T,testdata/foreign/high.lds", "-Wl,--defsym=OFFSET="+c.offset)
		for _, script := range []string{"high", "high-symbols"} {
			t.Run(script+"/"+c.arch, func(t *testing.T) {
				e := startEmulator(t, "--kernel", image)
				script := filepath.Join("testdata", "foreign", script)
				out := e.gdb(t, script+".gdb")
				if msg := compare(out, script+".expected", c.arch); msg != "" {
					t.Errorf("%s\ngdb printed:\n%s\nthe emulator:\n%s", msg, out, e.out.String())
				}
			})
		}
	}
}
