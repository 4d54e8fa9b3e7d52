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

// TestScripts runs the command as a user would: each script in testdata/script has its own folder and its own files.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/script"})
}
