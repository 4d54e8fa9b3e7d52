package main

import (
	"os/exec"
	"runtime"
	"testing"

	"forkscope/scripts/oracle"
)

// crossCompiler makes static programs for each machine.
var crossCompiler = map[string]string{"i386": "i686-linux-gnu-gcc", "arm64": "aarch64-linux-gnu-gcc", "x86_64": "gcc"}

// nativeMachine is what programs under the host's own gdbserver are built for. Such a host need not be able to run files
// for any other machine.
const nativeMachine = "native"

func compilerFor(arch string) string {
	if arch == nativeMachine {
		return "gcc"
	}
	return crossCompiler[arch]
}

// The families of comparisons that this package makes.
const (
	gdbSessions    = "sessions of gdb"
	serverBehavior = "gdbserver's behaviour"
	userOutput     = "output of users' programs"
	foreignImages  = "images of other kinds"
)

// lacking is the family that can't be compared without a tool; without a compiler none can.
var lacking = map[string]string{
	"gdb-multiarch": gdbSessions, "gdbserver": serverBehavior, "qemu-i386": userOutput, "qemu-aarch64": userOutput, "env": userOutput,
	"qemu-system-i386": foreignImages, "qemu-system-aarch64": foreignImages, "qemu-system-x86_64": foreignImages, "node": "sessions of editors",
}

// need ends a test whose tool is missing; scripts/setup installs them all.
func need(t *testing.T, tool string) string {
	t.Helper()
	p, err := exec.LookPath(tool)
	if err != nil {
		family := lacking[tool]
		if family == "" {
			family = "programs for the guests"
		}
		oracle.Missing(t, family, tool, tool+" is not installed (scripts/setup installs it)")
	}
	return p
}

// nativeServer is the host's gdbserver, as it judges ours.
const nativeServer = "gdbserver, x86-64 build"

func needNativeServer(t *testing.T) {
	t.Helper()
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		oracle.Missing(t, serverBehavior, nativeServer, "the host is "+runtime.GOOS+" on "+runtime.GOARCH)
	}
	need(t, "gdbserver")
}
