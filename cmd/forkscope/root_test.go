package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/u-root/u-root/pkg/cpio"

	"forkscope/guests"
	"forkscope/machine/cpu/arch"
	"forkscope/machine/mem"
	"forkscope/scripts/oracle"
)

// pagesRoot makes a directory with the program of testdata/root, another name of it, and files whose sizes are around those of pages. Two of the files are
// hard links to one.
func pagesRoot(t *testing.T, arch string) (dir string, names []string) {
	t.Helper()
	dir = t.TempDir()
	if b, err := exec.Command(need(t, crossCompiler[arch]), "-static", "-O1", "-o", filepath.Join(dir, "pages"), "testdata/root/pages.c").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, b)
	}
	if err := os.Symlink("pages", filepath.Join(dir, "again")); err != nil {
		t.Fatal(err)
	}
	for i, size := range []int{0, 1, 64, 4095, 4096, 4097, 8191, 8192, 8193, 12288, 50000} {
		name := "f" + strconv.Itoa(size)
		names = append(names, name)
		contents := bytes.Repeat([]byte{byte(i), 1, 2, 3, 5, 7, 11}, size/7+1)[:size]
		if err := os.WriteFile(filepath.Join(dir, name), contents, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir, names
}

// seenOnQEMU is what the program says in a directory, under QEMU's user emulation. What it executes last is run from here.
func seenOnQEMU(t *testing.T, arch, dir string, names []string) (said string) {
	t.Helper()
	emulator := userEmulator[arch]
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for _, args := range [][]string{{"./pages"}, {"./again", "again"}} {
		cmd := exec.CommandContext(ctx, need(t, emulator), append(args, names...)...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if !strings.HasSuffix(said, string(out)) { // where the host can execute it, it has been
			said += string(out)
		}
	}
	oracle.Compared(userOutput, emulator, 1)
	return said
}

// The files of --root have their contents in the guest, whatever their sizes, and each its own: a program sees there what it sees in the
// directory itself.
func TestRootContents(t *testing.T) {
	for _, arch := range arch.Names() {
		dir, names := pagesRoot(t, arch)
		got, status := ours(t, append([]string{"--root", dir, "--cwd", "/", "./pages"}, names...)...)
		if want := seenOnQEMU(t, arch, dir, names); got != want || status != 0 {
			t.Errorf("%s: status %d, ours:\n%s\nQEMU:\n%s", arch, status, got, want)
		}
	}
}

// The guest unpacks archives of others' making too: contents at any place, and hard links, whose contents come with the last name or with each.
func TestInitrdContents(t *testing.T) {
	for _, arch := range arch.Names() {
		dir, names := pagesRoot(t, arch)
		names = append(names, "link", "hard")
		contents := bytes.Repeat([]byte("linked "), 2000)
		if err := os.WriteFile(filepath.Join(dir, "link"), contents, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Link(filepath.Join(dir, "link"), filepath.Join(dir, "hard")); err != nil {
			t.Fatal(err)
		}
		builtIn, err := guests.Initramfs(arch)
		if err != nil {
			t.Fatal(err)
		}
		var initrds []string
		for _, c := range []struct {
			to    int // contents begin at a multiple of it
			twice bool
		}{{4, false}, {mem.PageSize, false}, {mem.PageSize, true}} {
			files := bytes.NewBuffer(bytes.Clone(builtIn))
			files.Write(make([]byte, -files.Len()&(mem.PageSize-1)))
			writeOthers(t, files, dir, names, c.to, c.twice)
			file := filepath.Join(t.TempDir(), fmt.Sprintf("initrd-%d-%v", c.to, c.twice))
			if err := os.WriteFile(file, files.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
			initrds = append(initrds, file)
		}
		want := seenOnQEMU(t, arch, dir, names)
		for _, file := range initrds {
			got, status := ours(t, "--arch", arch, "--initrd", file, "--append", "quiet -- /pages "+strings.Join(names, " "))
			if got != want || status != 0 {
				t.Errorf("%s %s: status %d, ours:\n%s\nQEMU:\n%s", arch, filepath.Base(file), status, got, want)
			}
		}
	}
}

// writeOthers appends an archive by another writer than ours, with contents at multiples of a number by zeros behind the names. The last two
// names are hard links.
func writeOthers(t *testing.T, archive *bytes.Buffer, dir string, names []string, to int, twice bool) {
	t.Helper()
	w := cpio.Newc.Writer(archive)
	base := archive.Len()
	write := func(rec cpio.Record, name string) {
		at := archive.Len() + archiveHeader + len(name) + 1
		rec.Name = name + strings.Repeat("\x00", alignUp(at, to)-at)
		if err := w.WriteRecord(rec); err != nil {
			t.Fatal(err)
		}
	}
	if base%mem.PageSize != 0 {
		t.Fatal("the archive does not begin a page")
	}
	write(cpio.Symlink("again", "pages"), "again")
	for i, name := range append([]string{"pages"}, names...) {
		info := cpio.Info{Ino: uint64(1<<21 + i), NLink: 1, Mode: cpio.S_IFREG | 0o755}
		contents := mustRead(t, filepath.Join(dir, name))
		if first := len(names) - 1; i >= first {
			info.Ino, info.NLink = uint64(1<<21+first), 2
			if i == first && !twice {
				contents = nil
			}
		}
		info.FileSize = uint64(len(contents))
		write(cpio.Record{ReaderAt: bytes.NewReader(contents), Info: info}, name)
	}
	if err := cpio.WriteTrailer(w); err != nil {
		t.Fatal(err)
	}
}
