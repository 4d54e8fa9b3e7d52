package introspect

import (
	"bytes"
	"os"
	"testing"
)

// read is a file of the image folder.
func read(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile("../image/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The committed layout files are those of the committed images, and with them no DWARF is read, and what is seen is the same.
func TestLayout(t *testing.T) {
	for _, arch := range []string{"i386", "arm64"} {
		image, layout := read(t, "vmlinux-"+arch), read(t, "layout-"+arch)
		want, err := Layout(image)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(layout, want) {
			t.Errorf("%s: the layout file is stale; scripts/images makes it anew", arch)
		}
		im, err := OpenWith(image, layout)
		if err != nil {
			t.Fatal(err)
		}
		quick, err := New(im, fakeMemory{})
		if err != nil || quick.Lacks != nil {
			t.Fatal(err, quick.Lacks)
		}
		if im.types.(*layoutTypes).rest != nil {
			t.Errorf("%s: the DWARF was read", arch)
		}
		slow := newGuest(t, arch).k
		if quick.at.members != slow.at.members || quick.at.structures != slow.at.structures || quick.at.variables != slow.at.variables {
			t.Errorf("%s: the layout file says something else than the DWARF", arch)
		}
		// A name that is not in the file is in the DWARF, or nowhere.
		f, err := im.Field("siginfo", "si_signo")
		if want, _ := slow.Image.Field("siginfo", "si_signo"); err != nil || f != want || f.Size == 0 {
			t.Errorf("%s: si_signo is %+v (%v), not %+v", arch, f, err, want)
		}
		if _, err := im.Size("no_such_struct"); err == nil {
			t.Errorf("%s: a struct that is nowhere has a size", arch)
		}
	}
}

// A layout file that is not the image's, or is damaged, is as if there were none.
func TestWrongLayout(t *testing.T) {
	image, layout := read(t, "vmlinux-arm64"), read(t, "layout-arm64")
	other := bytes.Clone(image)
	other[len(other)-1]++
	for name, c := range map[string]struct{ image, layout []byte }{
		"none":            {image, nil},
		"another's":       {image, read(t, "layout-i386")},
		"a changed image": {other, layout},
		"cut off":         {image, layout[:len(layout)-3]},
		"no number":       {image, bytes.Replace(layout, []byte(" 8\n"), []byte(" x\n"), 1)},
	} {
		im, err := OpenWith(c.image, c.layout)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if _, ok := im.types.(*dwarfTypes); !ok {
			t.Errorf("%s: the layout file was believed", name)
		}
	}
}

// FuzzLayout feeds what a damaged layout file may hold.
func FuzzLayout(f *testing.F) {
	image := read(f, "vmlinux-i386")
	f.Add(read(f, "layout-i386"))
	f.Add([]byte("image 00000000\n"))
	f.Fuzz(func(t *testing.T, layout []byte) { readLayout(image, layout) })
}

func BenchmarkOpen(b *testing.B) {
	image := read(b, "vmlinux-arm64")
	for name, layout := range map[string][]byte{"layout": read(b, "layout-arm64"), "DWARF": nil} {
		b.Run(name, func(b *testing.B) {
			for range b.N {
				im, err := OpenWith(image, layout)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := New(im, fakeMemory{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
