package board

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/u-root/u-root/pkg/dt"

	"forkscope/machine/clock"
	"forkscope/machine/dev/power"
	"forkscope/scripts/oracle"
)

func testConfig() Config {
	return Config{Clock: clock.New(1), Output: func(byte) {}, Power: func(power.Request) {}}
}

// find returns the node at path below the root, by another author's reader.
func find(t *testing.T, tree *dt.FDT, path ...string) *dt.Node {
	t.Helper()
	n := tree.RootNode
	for _, name := range path {
		child, ok := n.LookupChildByName(name)
		if !ok {
			t.Fatalf("no node %q below %q", name, n.Name)
		}
		n = child
	}
	return n
}

func property(t *testing.T, n *dt.Node, name string) []byte {
	t.Helper()
	p, ok := n.LookProperty(name)
	if !ok {
		t.Fatalf("node %q has no %q", n.Name, name)
	}
	return p.Value
}

func readTree(t *testing.T, blob []byte) *dt.FDT {
	t.Helper()
	tree, err := dt.ReadFDT(bytes.NewReader(blob))
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func TestFDTBootInformation(t *testing.T) {
	b := NewVirt(testConfig())
	tree := readTree(t, b.FDT(BootInfo{MemorySize: 64 << 20, Cmdline: "init=/bin/x quiet", InitrdStart: 0x4200_0000, InitrdEnd: 0x4200_1234}))
	for _, tt := range []struct {
		node, name, want string
	}{
		{"chosen", "bootargs", "init=/bin/x quiet\x00"},
		{"chosen", "stdout-path", "/pl011@9000000\x00"},
		{"chosen", "linux,initrd-start", "\x42\x00\x00\x00"},
		{"chosen", "linux,initrd-end", "\x42\x00\x12\x34"},
		{"memory@40000000", "reg", "\x00\x00\x00\x00\x40\x00\x00\x00\x00\x00\x00\x00\x04\x00\x00\x00"},
		{"psci", "method", "hvc\x00"},
		{"cpus/cpu@0", "compatible", "arm,armv8\x00"}, // the binding's name of a software model (cpus.yaml)
	} {
		if got := property(t, find(t, tree, strings.Split(tt.node, "/")...), tt.name); string(got) != tt.want {
			t.Errorf("%s/%s = %q, want %q", tt.node, tt.name, got, tt.want)
		}
	}

	chosen := find(t, readTree(t, b.FDT(BootInfo{MemorySize: 64 << 20})), "chosen")
	for _, name := range []string{"bootargs", "linux,initrd-start"} {
		if _, ok := chosen.LookProperty(name); ok {
			t.Errorf("chosen has %s without one being given", name)
		}
	}
	far := find(t, readTree(t, b.FDT(BootInfo{MemorySize: 8 << 30, InitrdStart: 0xffff_f000, InitrdEnd: 0x1_0000_0000})), "chosen")
	if got := property(t, far, "linux,initrd-end"); string(got) != "\x00\x00\x00\x01\x00\x00\x00\x00" {
		t.Errorf("initrd-end above 4 GiB = % x", got)
	}
}

const familyTree = "device tree of the AArch64 board"

// TestFDTAgreesWithQEMU compares addresses, interrupts and bindings with the tree that QEMU makes for its virt board.
func TestFDTAgreesWithQEMU(t *testing.T) {
	qemu, err := exec.LookPath("qemu-system-aarch64")
	if err != nil {
		oracle.Missing(t, familyTree, "qemu-system-aarch64", "qemu-system-aarch64 is not installed")
	}
	file := filepath.Join(t.TempDir(), "virt.dtb")
	cmd := exec.Command(qemu, "-M", "virt,gic-version=2,dumpdtb="+file, "-cpu", "cortex-a53", "-m", "64", "-nographic")
	cmd.WaitDelay = 20 * time.Second
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	theirs, err := dt.New(dt.WithFileName(file))
	if err != nil {
		t.Fatal(err)
	}
	ours := readTree(t, NewVirt(testConfig()).FDT(BootInfo{MemorySize: 64 << 20}))
	for node, names := range map[string][]string{
		"":                {"compatible", "#address-cells", "#size-cells"},
		"chosen":          {"stdout-path"},
		"cpus/cpu@0":      {"device_type", "reg"},
		"memory@40000000": {"reg", "device_type"},
		"psci":            {"compatible", "method", "cpu_on", "cpu_off", "cpu_suspend"},
		"timer":           {"compatible", "interrupts", "always-on"},
		"intc@8000000":    {"compatible", "reg", "#interrupt-cells", "interrupt-controller"},
		"pl011@9000000":   {"compatible", "reg", "interrupts", "clock-names"},
		"pl031@9010000":   {"compatible", "reg", "interrupts", "clock-names"},
		"apb-pclk":        {"compatible", "clock-frequency", "#clock-cells"},
		"cpus":            {"#address-cells", "#size-cells"},
	} {
		var path []string
		if node != "" {
			path = strings.Split(node, "/")
		}
		for _, name := range names {
			got, want := property(t, find(t, ours, path...), name), property(t, find(t, theirs, path...), name)
			oracle.Compared(familyTree, "qemu-system-aarch64", 1)
			if !bytes.Equal(got, want) {
				t.Errorf("/%s %s = %q, QEMU has %q", node, name, got, want)
			}
		}
	}
	if got, want := property(t, find(t, ours, "chosen"), "rng-seed"), property(t, find(t, theirs, "chosen"), "rng-seed"); len(got) != len(want) {
		t.Errorf("rng-seed has %d bytes, QEMU's %d", len(got), len(want))
	}

}
