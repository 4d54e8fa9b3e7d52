package main

import (
	"debug/elf"
	"strings"

	"forkscope/machine"
	"forkscope/machine/cpu/arch"
)

// What is asked about machines as such is answered here, and by machine.Kind; by their names they are asked for nowhere else in this package.

// hostSide is what a host has for programs of an architecture.
type hostSide struct {
	// compiler is the cross compiler.
	compiler string
	// sysroots are directories with a tree for the architecture, best first. The last is the host's own, which holds the libraries of foreign
	// machines in directories of theirs (Debian's multiarch).
	sysroots []string
	// systemDirs are where loaders look without being told.
	systemDirs []string
	// library is Debian's package with the loader for the cross compiler.
	library string
}

// hosts has a row for each architecture.
var hosts = map[string]hostSide{
	"i386": {
		compiler: "i686-linux-gnu-gcc", library: "libc6-i386-cross",
		sysroots:   []string{"/usr/i686-linux-gnu", "/usr/i686-linux-musl", "/usr/i386-linux-musl", "/"},
		systemDirs: []string{"/lib/i386-linux-gnu", "/usr/lib/i386-linux-gnu", "/lib", "/usr/lib", "/usr/local/lib", "/lib32", "/usr/lib32"},
	},
	"arm64": {
		compiler: "aarch64-linux-gnu-gcc", library: "libc6-arm64-cross",
		sysroots:   []string{"/usr/aarch64-linux-gnu", "/usr/aarch64-linux-musl", "/"},
		systemDirs: []string{"/lib/aarch64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/lib", "/usr/lib", "/usr/local/lib", "/lib64", "/usr/lib64"},
	},
	"x86_64": {
		compiler: "gcc", library: "libc6",
		sysroots:   []string{"/", "/usr/x86_64-linux-gnu"},
		systemDirs: []string{"/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64", "/usr/lib64", "/lib", "/usr/lib", "/usr/local/lib"},
	},
}

// defaultArch is the machine where neither the user nor a program says one. archChoice and archs are all of them, as words to choose from and as
// words of a sentence.
var (
	defaultArch = arch.Default.Name
	archChoice  = arch.List("or")
	archs       = arch.List("and")
)

// archOf names the machine that runs an ELF file.
func archOf(m elf.Machine) (string, bool) {
	if a := arch.OfELF(m); a != nil {
		return a.Name, true
	}
	return "", false
}

// compilers are the cross compilers, as words of a sentence.
func compilers() string {
	var names []string
	for _, a := range arch.All() {
		names = append(names, hosts[a.Name].compiler)
	}
	return strings.Join(names, " and ")
}

// soleArch is the machine that can execute a file, "" if there are several or none.
func soleArch(file string) string {
	sole := ""
	for _, name := range arch.Names() {
		switch {
		case !executes(file, name):
		case sole != "":
			return ""
		default:
			sole = name
		}
	}
	return sole
}

// machinesWith names those that have something, as words of a sentence, and the first of them.
func machinesWith(has func(*machine.Kind) bool) (words, first string) {
	var names []string
	for _, k := range machine.Kinds() {
		if has(k) {
			names = append(names, k.Arch.Name)
		}
	}
	return strings.Join(names, " and "), names[0]
}

// imageOf names the machine whose own format of kernels a file has, "" if it is none's.
func imageOf(file []byte) string {
	for _, k := range machine.Kinds() {
		if k.IsImage != nil && k.IsImage(file) {
			return k.Arch.Name
		}
	}
	return ""
}

// titles are what the machines are, as words to choose from.
func titles() string {
	var list []string
	for _, k := range machine.Kinds() {
		list = append(list, k.Title)
	}
	return strings.Join(list, " or ")
}
