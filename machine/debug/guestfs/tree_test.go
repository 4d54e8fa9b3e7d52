package guestfs

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/u-root/u-root/pkg/cpio"

	"forkscope/machine/cpu/arch"
)

// archive makes a newc cpio archive of files, each "name=contents"; a name that ends in a slash is a directory.
func archive(t testing.TB, files ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := cpio.Newc.Writer(&out)
	for _, f := range files {
		name, contents, _ := strings.Cut(f, "=")
		rec := cpio.StaticFile(name, contents, 0o644)
		if strings.HasSuffix(name, "/") {
			rec = cpio.Directory(strings.TrimSuffix(name, "/"), 0o755)
		}
		if err := w.WriteRecord(rec); err != nil {
			t.Fatal(err)
		}
	}
	if err := cpio.WriteTrailer(w); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestArchives(t *testing.T) {
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	one := archive(t, "bin/", "bin/a=first", "etc/motd=hello")
	two := archive(t, "/bin/a=second", "./bin/b=b", "empty=")
	for _, c := range []struct {
		name string
		data []byte
		want string
	}{
		{"none", nil, ""},
		{"only zeros", make([]byte, 1024), ""},
		{"one", one, "bin/a=first etc/motd=hello"},
		{"a later file replaces an earlier one", join(one, two), "bin/a=second bin/b=b empty= etc/motd=hello"},
		{"zeros between and behind", join(one, make([]byte, 700), two, make([]byte, 3)), "bin/a=second bin/b=b empty= etc/motd=hello"},
		{"nothing but a trailer first", join(archive(t), one), "bin/a=first etc/motd=hello"},
		{"a trailer's name in a file", join(archive(t, "x="+cpio.Trailer+strings.Repeat("y", 200)), two), "bin/a=second bin/b=b empty= x=" + cpio.Trailer + strings.Repeat("y", 200)},
	} {
		t.Run(c.name, func(t *testing.T) {
			tree := Tree{}
			if err := tree.AddArchive(c.data); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, name := range tree.Names() {
				got = append(got, name+"="+string(tree[name].Data))
			}
			if s := strings.Join(got, " "); s != c.want {
				t.Errorf("files %q, want %q", s, c.want)
			}
		})
	}
}

// Of a file with several names only the last comes with the contents.
func TestHardLinks(t *testing.T) {
	var out bytes.Buffer
	w := cpio.Newc.Writer(&out)
	for _, f := range []struct {
		name, contents string
		ino            uint64
	}{{"a", "", 7}, {"b", "", 8}, {"c", "seven", 7}, {"d", "eight", 8}} {
		rec := cpio.StaticRecord([]byte(f.contents), cpio.Info{Name: f.name, Mode: cpio.S_IFREG | 0o644, Ino: f.ino, NLink: 2, FileSize: uint64(len(f.contents))})
		if err := w.WriteRecord(rec); err != nil {
			t.Fatal(err)
		}
	}
	tree := Tree{}
	if err := tree.AddArchive(out.Bytes()); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"a": "seven", "c": "seven", "b": "eight", "d": "eight"} {
		if string(tree[name].Data) != want {
			t.Errorf("%s holds %q, want %q", name, tree[name].Data, want)
		}
	}
}

// The built-in file systems hold their programs.
func TestBuiltInArchives(t *testing.T) {
	for _, arch := range arch.Names() {
		b, err := os.ReadFile("../../../guests/image/initramfs-" + arch + ".cpio")
		if err != nil {
			t.Fatal(err)
		}
		tree := Tree{}
		if err := tree.AddArchive(b); err != nil {
			t.Error(err)
		}
		if !bytes.HasPrefix(tree["bin/demo"].Data, []byte("\x7fELF")) || !bytes.HasPrefix(tree["etc/motd"].Data, []byte("One call")) {
			t.Errorf("%s: %d files, the demo's and the motd's contents are not there", arch, len(tree))
		}
	}
}

// A damaged archive is an error, and what came before the damage can be read.
func TestDamagedArchive(t *testing.T) {
	good := archive(t, "a=one")
	for name, data := range map[string][]byte{
		"garbage behind": append(bytes.Clone(good), "garbage that is no archive"...),
		"cut off":        append(bytes.Clone(good), good[:60]...),
	} {
		tree := Tree{}
		if err := tree.AddArchive(data); err == nil {
			t.Errorf("%s: no error", name)
		}
		if string(tree["a"].Data) != "one" {
			t.Errorf("%s: the good file holds %q", name, tree["a"].Data)
		}
	}
	if err := (Tree{}).AddArchive([]byte("no archive at all")); err == nil {
		t.Error("text was taken for an archive")
	}
}

func TestTreeIsAFileSystem(t *testing.T) {
	tree := Tree{"bin/a": {Data: []byte("first")}, "etc/motd": {Data: []byte("hello")}}
	for name, want := range map[string]error{"bin/a": nil, "bin": nil, ".": nil, "bi": fs.ErrNotExist, "bin/a/b": fs.ErrNotExist, "../bin/a": fs.ErrInvalid, "/bin/a": fs.ErrInvalid} {
		f, err := tree.Open(name)
		if !errors.Is(err, want) || (err == nil) != (want == nil) {
			t.Errorf("open %q: %v, want %v", name, err, want)
		}
		if err == nil {
			f.Close()
		}
	}
	f, err := tree.Open("etc/motd")
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(f)
	if string(b) != "hello" || err != nil {
		t.Errorf("%q, %v", b, err)
	}
}

// Links lead where Linux would follow them with the tree as the root, and never out of it.
func TestLinks(t *testing.T) {
	link := func(to string) File { return File{Mode: fs.ModeSymlink | 0o777, Data: []byte(to)} }
	tree := Tree{
		"usr/lib/libc.so.6": {Mode: 0o755, Data: []byte("libc")},
		"lib":               link("usr/lib"),
		"lib64":             link("/lib"),
		"usr/lib/libc.so":   link("libc.so.6"),
		"usr/up":            link("../../../lib/libc.so"),
		"away":              link("/nowhere"),
		"a":                 link("b"),
		"b":                 link("a"),
	}
	for name, want := range map[string]string{
		"lib/libc.so.6": "libc", "lib64/libc.so": "libc", "usr/up": "libc",
		"away": "file does not exist", "a": "invalid argument", "lib/x": "file does not exist",
	} {
		got, err := fs.ReadFile(tree, name)
		if err != nil && !strings.HasSuffix(err.Error(), want) || err == nil && string(got) != want {
			t.Errorf("%s: %q, %v; want %s", name, got, err, want)
		}
	}
	for name, want := range map[string]string{"lib": "usr/lib", "lib64/libc.so": "libc.so.6", "a": "b", "away": "/nowhere"} {
		if got, err := tree.ReadLink(name); err != nil || got != want {
			t.Errorf("%s leads to %q, %v", name, got, err)
		}
	}
	for name, want := range map[string]error{"usr": fs.ErrInvalid, "lib/libc.so.6": fs.ErrInvalid, "no": fs.ErrNotExist, "../lib": fs.ErrInvalid} {
		if _, err := tree.ReadLink(name); !errors.Is(err, want) {
			t.Errorf("%s is a link: %v", name, err)
		}
	}
}

// What an archive puts behind a link is where the link leads.
func TestArchiveThroughLink(t *testing.T) {
	var out bytes.Buffer
	w := cpio.Newc.Writer(&out)
	for _, rec := range []cpio.Record{cpio.Directory("usr/lib", 0o755), cpio.Symlink("lib", "usr/lib"), cpio.StaticFile("lib/x", "contents", 0o640)} {
		if err := w.WriteRecord(rec); err != nil {
			t.Fatal(err)
		}
	}
	tree := Tree{}
	if err := tree.AddArchive(out.Bytes()); err != nil {
		t.Fatal(err)
	}
	if f := tree["usr/lib/x"]; string(f.Data) != "contents" || f.Mode != 0o640 || tree["usr/lib"].Mode != fs.ModeDir|0o755 {
		t.Errorf("%+v", tree)
	}
}

// FuzzAddArchive feeds what a hostile --initrd may hold: it must end, with an error or without, and in bounded memory.
func FuzzAddArchive(f *testing.F) {
	f.Add(archive(f, "a=one", "b=two"))
	f.Add(append(archive(f, "a=one"), archive(f, "b=two")...))
	f.Add([]byte("070701" + strings.Repeat("f", 104)))
	f.Add([]byte("070701" + strings.Repeat("0", 104)))
	if b, err := os.ReadFile("../../../guests/image/initramfs-arm64.cpio"); err == nil {
		f.Add(b[:4096])
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		tree := Tree{}
		tree.AddArchive(data)
		for name, f := range tree {
			if len(f.Data) > len(data) || !fs.ValidPath(name) && name != "" {
				t.Errorf("%d bytes of archive hold %q of %d bytes", len(data), name, len(f.Data))
			}
			if _, err := tree.Resolve(name); err != nil && !errors.Is(err, fs.ErrInvalid) {
				t.Error(err)
			}
		}
	})
}
