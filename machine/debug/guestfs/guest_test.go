package guestfs

import (
	"bytes"
	"errors"
	"io/fs"
	"testing"

	"forkscope/machine/cpu/arch"
	"forkscope/machine/debug/debugtest"

	"github.com/u-root/u-root/pkg/cpio"
)

// The guest's files are read from its memory as it would read them itself, links and all.
func TestGuestFS(t *testing.T) {
	big := bytes.Repeat([]byte("0123456789abcde\n"), 1000)
	var more bytes.Buffer
	w := cpio.Newc.Writer(&more)
	for _, r := range []cpio.Record{
		cpio.Directory("data", 0o755), cpio.StaticFile("data/big", string(big), 0o640), cpio.StaticFile("data/empty", "", 0o644),
		cpio.Symlink("data/relative", "../bin/cat"), cpio.Symlink("data/absolute", "/data/big"), cpio.Symlink("up", "data/../data"),
		cpio.Symlink("circle", "/circle"), cpio.Symlink("nowhere", "data/none"),
	} {
		if err := w.WriteRecord(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := cpio.WriteTrailer(w); err != nil {
		t.Fatal(err)
	}
	for _, arch := range arch.Names() {
		t.Run(arch, func(t *testing.T) {
			g := debugtest.New(t, arch, "cat /data/absolute", more.Bytes()...)
			other := Tree{}
			if err := other.AddArchive(debugtest.Archive(t, arch)); err != nil {
				t.Fatal(err)
			}
			cat := other["bin/cat"].Data
			other["data/big"] = File{Mode: fs.FileMode(0o100644), Data: []byte("old")}
			other["kernel"] = File{Mode: fs.FileMode(0o100644), Data: []byte("image")}
			files := Guest{g.OS, other}
			read := func(name string) string {
				b, err := fs.ReadFile(files, name)
				if err != nil {
					return err.Error()
				}
				return string(b)
			}
			if got := read("data/big"); got != "old" {
				t.Errorf("before the kernel has run, data/big is %.20q", got)
			}
			g.To("sys_exit_group")
			for name, want := range map[string]string{
				"data/big": string(big), "data/absolute": string(big), "up/big": string(big), "bin/cat": string(cat), "data/relative": string(cat), "kernel": "image",
			} {
				if got := read(name); got != want {
					t.Errorf("%s is %.60q, %d bytes, not %d", name, got, len(got), len(want))
				}
			}
			for _, name := range []string{"data/none", "nowhere", "circle", "data/big/x", "dev/console", "", "/data/big", "data/empty/../big"} {
				if f, err := files.Open(name); err == nil {
					t.Errorf("%q is there: %v", name, f)
				} else if name == "data/none" && !errors.Is(err, fs.ErrNotExist) {
					t.Errorf("%s: %v", name, err)
				}
			}
			for name, want := range map[string]string{"data/relative": "../bin/cat", "up": "data/../data", "circle": "/circle"} {
				if got, err := files.ReadLink(name); got != want || err != nil {
					t.Errorf("%s leads to %q (%v), not %q", name, got, err, want)
				}
			}
			for _, name := range []string{"data/big", "data", "data/none"} {
				if got, err := files.ReadLink(name); err == nil {
					t.Errorf("%s leads to %q", name, got)
				}
			}
			f, err := files.Open("up/big")
			if err != nil {
				t.Fatal(err)
			}
			info, err := f.Stat()
			if err != nil || info.Name() != "big" || info.Size() != int64(len(big)) || info.Mode() != 0o640 {
				t.Errorf("up/big is %v, %d bytes, %v", info.Name(), info.Size(), info.Mode())
			}
			if info, err = fs.Stat(files, "up"); err != nil || !info.IsDir() || info.Name() != "data" {
				t.Errorf("up is %v, %v", info, err)
			}
			n, _, err := g.OS.FS().Lookup("/data/big", true)
			if err != nil {
				t.Fatal(err)
			}
			// Across a page's border, at the end, and behind it.
			for offset, want := range map[int64]int{4090: 16, int64(len(big)) - 5: 5, int64(len(big)): 0, int64(len(big)) + 9999: 0} {
				p := make([]byte, 16)
				got, err := g.OS.FS().ReadFile(n, p, offset)
				if err != nil || got != want || got > 0 && !bytes.Equal(p[:got], big[offset:offset+int64(got)]) {
					t.Errorf("at %d: %d bytes %q, %v", offset, got, p[:got], err)
				}
			}
			if _, err := g.OS.FS().ReadFile(n, make([]byte, 1), -1); err == nil {
				t.Error("an offset below 0 is read")
			}
		})
	}
}
