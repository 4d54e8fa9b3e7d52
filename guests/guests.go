// Package guests embeds the built guest programs, as the initial file system that the kernel unpacks.
package guests

import (
	"embed"
	"fmt"
)

//go:embed image
var images embed.FS

// Initramfs returns the initial file system for a machine ("i386", "arm64"): a newc cpio archive.
func Initramfs(arch string) ([]byte, error) {
	b, err := images.ReadFile("image/initramfs-" + arch + ".cpio")
	if err != nil {
		return nil, fmt.Errorf("no guest programs are built in for %s", arch)
	}
	return b, nil
}
