// Package kernel embeds the built kernel images, so that the emulator needs no file.
package kernel

import (
	"embed"
	"fmt"
)

//go:embed image
var images embed.FS

// Image returns the kernel for a machine ("i386", "arm64"): an ELF file with full debug information.
func Image(arch string) ([]byte, error) {
	b, err := images.ReadFile("image/vmlinux-" + arch)
	if err != nil {
		return nil, fmt.Errorf("no kernel is built in for %s", arch)
	}
	return b, nil
}

// Layout returns the layout file of the kernel for a machine (see introspect.OpenWith), nil where there is none.
func Layout(arch string) []byte {
	b, _ := images.ReadFile("image/layout-" + arch)
	return b
}
