package scripts

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"forkscope/machine/cpu/arch"
	"forkscope/scripts/oracle"
)

// The family of comparisons of images, and what they are compared with.
const (
	rebuilt = "committed images"
	builder = "the sources, built again"
)

// The committed images are what their sources give: byte for byte with the compilers they were built with, and by
// what they print with any other.
func TestImagesAreReproducible(t *testing.T) {
	for _, tool := range []string{"make", "i686-linux-gnu-gcc", "aarch64-linux-gnu-gcc"} {
		if _, err := exec.LookPath(tool); err != nil {
			oracle.Missing(t, rebuilt, builder, tool+" is not installed (scripts/setup installs it)")
		}
	}
	const root = ".."
	built := t.TempDir()
	if out, err := exec.Command(filepath.Join(root, "scripts", "images"), built).CombinedOutput(); err != nil {
		t.Fatalf("scripts/images: %v\n%s", err, out)
	}
	read := func(dir, name string) []byte {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for _, dir := range []string{"kernel/image", "guests/image"} {
		entries, err := os.ReadDir(filepath.Join(root, dir))
		if err != nil {
			t.Fatal(err)
		}
		if len(entries) < 4 {
			t.Errorf("%s holds only %v", dir, entries)
		}
		sameCompilers := bytes.Equal(read(root, dir+"/COMPILERS"), read(built, dir+"/COMPILERS"))
		for _, e := range entries {
			name := dir + "/" + e.Name()
			if sameCompilers {
				oracle.Compared(rebuilt, builder, 1)
			}
			if sameCompilers && !bytes.Equal(read(root, name), read(built, name)) {
				t.Errorf("%s is not what its source gives; scripts/images installs what is", name)
			}
			if info, err := e.Info(); err != nil || info.Size() > 2<<20 {
				t.Errorf("%s has %d bytes, over 2 MiB", name, info.Size())
			}
		}
		if out, err := runIn(filepath.Join(root, dir), "sha256sum", "--check", "--quiet", "SHA256SUMS"); err != nil {
			t.Errorf("%s: %v\n%s", dir, err, out)
		}
	}
	forkscope := filepath.Join(built, "forkscope")
	if out, err := runIn(root, "go", "build", "-o", forkscope, "./cmd/forkscope"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, arch := range arch.Names() {
		want, _ := runIn(root, forkscope, "run", "--quiet", "--arch", arch)
		got, err := runIn(root, forkscope, "run", "--quiet", "--arch", arch, "--append", "quiet", "--kernel", filepath.Join(built, "kernel/image/vmlinux-"+arch),
			"--initrd", filepath.Join(built, "guests/image/initramfs-"+arch+".cpio"))
		oracle.Compared(rebuilt, builder, 1)
		got = bytes.ReplaceAll(got, []byte("\r\n"), []byte("\n")) // a kernel of the user's prints to its console
		if !bytes.Equal(got, want) || err != nil || len(got) < 200 {
			t.Errorf("%s: the rebuilt images end with %v and print\n%s\nthe committed ones\n%s", arch, err, got, want)
		}
	}
}

func runIn(dir, name string, args ...string) ([]byte, error) {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	return cmd.CombinedOutput()
}
