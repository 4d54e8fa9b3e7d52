// Package guests embeds the built guest programs, as the initial file system that the kernel unpacks.
package guests

import (
	_ "embed"
	"fmt"
)

// Each archive is a variable of its own, which is used as it lies in the emulator's file.
var (
	//go:embed image/initramfs-i386.cpio
	i386 []byte
	//go:embed image/initramfs-arm64.cpio
	arm64 []byte
	//go:embed image/initramfs-x86_64.cpio
	x86_64 []byte
)

var images = map[string][]byte{"i386": i386, "arm64": arm64, "x86_64": x86_64}

// Initramfs returns the initial file system for a machine, by its name: a newc cpio archive. Nobody may write to it.
func Initramfs(arch string) ([]byte, error) {
	if b, ok := images[arch]; ok {
		return b, nil
	}
	return nil, fmt.Errorf("no guest programs are built in for %s", arch)
}
