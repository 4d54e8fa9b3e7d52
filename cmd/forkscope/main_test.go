package main

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets tests start the command itself, as a process: the test binary under the name forkscope.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"forkscope": func() { os.Exit(doMain(os.Args, os.Stdin, os.Stdout, os.Stderr)) },
	})
}
