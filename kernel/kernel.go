// Package kernel embeds the built kernel images, so that the emulator needs no file.
package kernel

import (
	_ "embed"
	"fmt"
)

// Each image is a variable of its own, which is used as it lies in the emulator's file: pages of it that nobody looks at are never read.
var (
	//go:embed image/vmlinux-i386
	i386 []byte
	//go:embed image/vmlinux-arm64
	arm64 []byte
	//go:embed image/vmlinux-x86_64
	x86_64 []byte
)

var images = map[string][]byte{"i386": i386, "arm64": arm64, "x86_64": x86_64}

// Image returns the kernel for a machine, by its name: an ELF file with full debug information. Nobody may write to it.
func Image(arch string) ([]byte, error) {
	if b, ok := images[arch]; ok {
		return b, nil
	}
	return nil, fmt.Errorf("no kernel is built in for %s", arch)
}
