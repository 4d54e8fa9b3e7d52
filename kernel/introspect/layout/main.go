// Command layout prints the layout file of a kernel's image: where it keeps what a debugger reads. scripts/images calls it.
package main

import (
	"fmt"
	"os"

	"forkscope/kernel/introspect"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "layout:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("one image of a kernel is wanted, not %d", len(args))
	}
	image, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	layout, err := introspect.Layout(image)
	if err != nil {
		return fmt.Errorf("%s: %w", args[0], err)
	}
	_, err = os.Stdout.Write(layout)
	return err
}
