package guestfs

import (
	"bytes"
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"forkscope/machine"
	"forkscope/machine/debug/debugtest"
	"forkscope/scripts/oracle"

	"github.com/u-root/u-root/pkg/cpio"
)

// executables makes an archive of pairs of names and contents, with a directory lib.
func executables(t *testing.T, pairs ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := cpio.Newc.Writer(&out)
	if err := w.WriteRecord(cpio.Directory("lib", 0o755)); err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(pairs); i += 2 {
		if err := w.WriteRecord(cpio.StaticFile(pairs[i], pairs[i+1], 0o755)); err != nil {
			t.Fatal(err)
		}
	}
	if err := cpio.WriteTrailer(w); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

const dynamicSource = `
#include <stdio.h>
#include <unistd.h>
int main(void)
{
	char line[256];
	FILE *maps = fopen("/proc/self/maps", "r");
	while (fgets(line, sizeof line, maps))
		fputs(line, stdout);
	fflush(stdout);
	return getppid() < 0;
}
`

// A dynamically linked program runs, and its loader's segments are mapped from the file where and as its program headers say.
func TestDynamicProgram(t *testing.T) {
	for arch, c := range map[string]struct{ compiler, libc string }{
		"i386":  {"i686-linux-gnu-gcc", "i386"},
		"arm64": {"aarch64-linux-gnu-gcc", "aarch64"},
	} {
		t.Run(arch, func(t *testing.T) {
			libc := "/usr/lib/" + c.libc + "-linux-musl"
			library, err := os.ReadFile(libc + "/libc.so")
			if err != nil {
				oracle.Missing(t, "maps of dynamic programs", "the ELF file's program headers", "musl for the guest is not installed (scripts/setup installs it)")
			}
			if _, err := exec.LookPath(c.compiler); err != nil {
				oracle.Missing(t, "maps of dynamic programs", "the ELF file's program headers", c.compiler+" is not installed (scripts/setup installs it)")
			}
			dir := t.TempDir()
			source, program := filepath.Join(dir, "dynamic.c"), filepath.Join(dir, "dynamic")
			if err := os.WriteFile(source, []byte(dynamicSource), 0o666); err != nil {
				t.Fatal(err)
			}
			if out, err := exec.Command(c.compiler, "-specs", libc+"/musl-gcc.specs", "-O1", "-o", program, source).CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			b, err := os.ReadFile(program)
			if err != nil {
				t.Fatal(err)
			}
			loader := "lib/ld-musl-" + c.libc + ".so.1"
			g := debugtest.New(t, arch, "dynamic", executables(t, "bin/dynamic", string(b), loader, string(library))...)
			g.To("sys_getppid")
			task := g.Current()
			want := text(t, &Proc{Kernel: g.OS, PID: int(task.TGID)}, "proc/self/maps")
			maps, err := g.OS.Maps(&task)
			if err != nil {
				t.Fatal(err)
			}
			f, err := elf.NewFile(bytes.NewReader(library))
			if err != nil {
				t.Fatal(err)
			}
			var base uint64
			found := 0
			for _, m := range maps {
				if m.Path != "/"+loader {
					continue
				}
				if base == 0 {
					base = m.Start
				}
				for _, p := range f.Progs {
					at := m.Start - base
					if p.Type != elf.PT_LOAD || at < p.Vaddr&^0xfff || at >= p.Vaddr+p.Memsz {
						continue
					}
					found++
					if m.Offset != p.Off&^0xfff+at-p.Vaddr&^0xfff || m.Executable() != (p.Flags&elf.PF_X != 0) || m.Readable() != (p.Flags&elf.PF_R != 0) {
						t.Errorf("%+v is mapped as %+v", p.ProgHeader, m)
					}
				}
			}
			oracle.Compared("maps of dynamic programs", "the ELF file's program headers", found)
			if found < 2 {
				t.Errorf("%d segments of %s in\n%s", found, loader, want)
			}
			g.Until(machine.PowerOff)
			if got := strings.ReplaceAll(g.Console.String(), "\r\n", "\n"); !strings.Contains(got, "/"+loader+"\n") {
				t.Errorf("the program printed\n%s", got)
			}
		})
	}
}
