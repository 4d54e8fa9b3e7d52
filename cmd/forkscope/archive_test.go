package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"forkscope/machine/cpu/arch"
	view "forkscope/machine/debug"

	"github.com/u-root/u-root/pkg/cpio"
)

// Another reader of archives finds in ours what was put into it, and contents lie where the guest can take them as they are, or copy them fast.
func TestArchive(t *testing.T) {
	dir := t.TempDir()
	long := bytes.Repeat([]byte("0123456789"), 1000)
	host := filepath.Join(dir, "host")
	if err := os.WriteFile(host, long, 0o600); err != nil {
		t.Fatal(err)
	}
	records := []cpio.Record{
		cpio.Directory("d", 0o755), cpio.StaticFile("d/short", "x", 0o644), cpio.Symlink("d/link", "short"), cpio.StaticFile("d/empty", "", 0o600),
		cpio.StaticRecord(long, cpio.Info{Name: "d/long", Mode: cpio.S_IFREG | 0o755}),
		{ReaderAt: hostFile(host), Info: cpio.Info{Name: "d/host", Mode: cpio.S_IFREG | 0o755, FileSize: uint64(len(long))}},
		// Behind it a header fits in front of the next page, but no name.
		cpio.StaticRecord(long[:2*archivePage-116], cpio.Info{Name: "d/edge", Mode: cpio.S_IFREG | 0o755}),
		cpio.StaticRecord(long, cpio.Info{Name: "d/behind", Mode: cpio.S_IFREG | 0o755}),
		cpio.CharDev("null", 0o666, 1, 3),
	}
	archive, err := writeArchive(records, 7)
	if err != nil {
		t.Fatal(err)
	}
	read, err := cpio.ReadAllRecords(cpio.Newc.Reader(bytes.NewReader(archive)))
	if err != nil || len(read) != len(records)+2 || !strings.HasPrefix(read[len(records)+1].Name, archiveTrailer) {
		t.Fatalf("%d records, %v", len(read), err)
	}
	filler := slices.IndexFunc(read, func(rec cpio.Record) bool { return strings.HasPrefix(rec.Name, ".\x00") })
	if filler < 0 || !strings.HasPrefix(read[filler+1].Name, "d/behind") {
		t.Fatalf("record %d is a filler", filler)
	}
	read = slices.Delete(read, filler, filler+1)
	for i, rec := range read[:len(records)] {
		want := records[i]
		got, err := io.ReadAll(io.NewSectionReader(rec, 0, int64(rec.FileSize)))
		if name, _, _ := strings.Cut(rec.Name, "\x00"); err != nil || name != want.Name || rec.Mode != want.Mode || rec.Ino < uint64(7+i) || i > 0 && rec.Ino <= read[i-1].Ino || rec.Rmajor != want.Rmajor || rec.Rminor != want.Rminor {
			t.Errorf("%s: %+v, %v", want.Name, rec.Info, err)
		}
		if contents := make([]byte, want.FileSize); want.FileSize > 0 {
			if _, err := want.ReadAt(contents, 0); err != nil || !bytes.Equal(got, contents) {
				t.Errorf("%s: %d bytes, %v", want.Name, len(got), err)
			}
		}
	}
	for at, found := 0, 0; ; {
		i := bytes.Index(archive[at:], long[:archivePage])
		if i < 0 {
			if found != 4 {
				t.Errorf("contents of %d large files", found)
			}
			break
		}
		if at += i; at%archivePage != 0 {
			t.Errorf("contents are at byte %d", at)
		}
		at += 2*archivePage - 100
		found++
	}
	tree := view.FileTree{}
	if err := tree.AddArchive(archive); err != nil || !bytes.Equal(tree["d/host"].Data, long) {
		t.Errorf("the debugger's view of it: %v", err)
	}
	if err := os.Truncate(host, 5); err != nil {
		t.Fatal(err)
	}
	if _, err := writeArchive(records, 7); err == nil || !strings.Contains(err.Error(), "d/host") {
		t.Errorf("of a file that has become shorter: %v", err)
	}
}

// Files of --root that the guest has no room for are refused in a line that says what to do; memory that nobody has chosen grows with them.
func TestRootMemory(t *testing.T) {
	root := t.TempDir()
	large := filepath.Join(root, "large")
	if err := os.WriteFile(large, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		size int64
		args string
		want string
	}{
		{40 << 20, "--memory 64", "--memory 64: too little for the 40M of files of --root; write --memory 96M"},
		{400 << 20, "--arch i386", "--root: its 400M of files are too much for the kernel, which has room for 376M on the i386 machine"},
		{600 << 20, "", "holds more than 512M, which is too much for the guest's memory"},
	} {
		if err := os.Truncate(large, c.size); err != nil {
			t.Fatal(err)
		}
		stdout, stderr, status := said(append([]string{"run", "--root", root}, strings.Fields(c.args)...)...)
		if status != statusUsage || stdout != "" || !strings.Contains(stderr, c.want) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%dM %s: status %d: %s%s", c.size>>20, c.args, status, stdout, stderr)
		}
	}
	if err := os.Truncate(large, 40<<20); err != nil {
		t.Fatal(err)
	}
	// Each takes a page in the guest, and next to nothing in the archive.
	if err := os.Mkdir(filepath.Join(root, "small"), 0o755); err != nil {
		t.Fatal(err)
	}
	for i := range 10000 {
		if err := os.WriteFile(filepath.Join(root, "small", strconv.Itoa(i)), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		size int64
		args string
	}{{0, ""}, {40 << 20, "--memory 175M"}, {132 << 20, ""}} {
		for _, arch := range arch.Names() {
			if err := os.Truncate(large, c.size); err != nil {
				t.Fatal(err)
			}
			args := append(strings.Fields(c.args), "--root", root, "--arch", arch, "--append", "-- /bin/status 9")
			if out, status := ours(t, args...); status != 9 {
				t.Errorf("%s, %dM: status %d:\n%s", arch, c.size>>20, status, out)
			}
		}
	}
}

// With --root a program is looked up there first, and a script is run by the interpreter that is there, under the name that was typed.
func TestProgramOfRoot(t *testing.T) {
	for _, arch := range arch.Names() {
		root := t.TempDir()
		if err := os.MkdirAll(filepath.Join(root, "usr/bin"), 0o755); err != nil {
			t.Fatal(err)
		}
		served := mustRead(t, servedProgram(t, arch))
		for name, data := range map[string][]byte{"served": served, "script": []byte("#!/usr/bin/served where\n")} {
			if err := os.WriteFile(filepath.Join(root, "usr/bin", name), data, 0o755); err != nil {
				t.Fatal(err)
			}
		}
		t.Setenv("FORKSCOPE_TEST", "host")
		for _, c := range []struct{ args, want string }{
			{"--cwd /usr served where 1", "served /usr host 1\n"},
			{"--cwd /usr bin/served where 2", "bin/served /usr host 2\n"},
			{"--cwd /usr/bin ./script", "/usr/bin/served /usr/bin host ./script\n"},
			{"--cwd /new/dir --env FORKSCOPE_TEST=mine /usr/bin/served where 3", "/usr/bin/served /new/dir mine 3\n"},
			{"--cwd / --env FORKSCOPE_TEST script", "/usr/bin/served / host /usr/bin/script\n"},
		} {
			if out, status := ours(t, append([]string{"--root", root}, strings.Fields(c.args)...)...); status != 0 || !strings.HasSuffix(out, c.want) {
				t.Errorf("%s %s: status %d:\n%s", arch, c.args, status, out)
			}
		}
	}
}

// A program finds the environment, the directory and the name that it would have here.
func TestSurroundings(t *testing.T) {
	for _, arch := range arch.Names() {
		program := servedProgram(t, arch)
		dir := filepath.Dir(program)
		t.Chdir(dir)
		t.Setenv("FORKSCOPE_TEST", "host")
		if err := os.Symlink(dir, filepath.Join(dir, "link")); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile("script", []byte("#!"+program+" where\n"), 0o755); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct{ args, want string }{
			{"served where 1", "served " + dir + " host 1\n"},
			{"./served where 2", "./served " + dir + " host 2\n"},
			{program + " where 3", program + " " + dir + " host 3\n"},
			{"link/served where 4", "link/served " + dir + " host 4\n"},
			{"./script", program + " " + dir + " host ./script\n"},
		} {
			if out, status := ours(t, strings.Fields(c.args)...); status != 0 || !strings.HasSuffix(out, c.want) {
				t.Errorf("%s %s: status %d:\n%s", arch, c.args, status, out)
			}
		}
	}
}
