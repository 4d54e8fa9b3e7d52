package main

import (
	"bytes"
	"debug/elf"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// A dynamic program's loader and libraries are taken from where the cross compilers of the host have them, each to the path below the sysroot
// that it has there: the loader looks for it there. ld.so(8) has the order of the search.

// link takes the loader and the libraries of an ELF file, and those that it names to load them later. Only the lack of a loader is an error: the
// loader itself says best what else is missing.
func (c *gathering) link(o object) error {
	f, err := elf.NewFile(bytes.NewReader(o.data))
	if err != nil {
		return nil
	}
	interp := interpreter(f)
	if interp != "" && !c.loader(interp) {
		return c.noLoader(interp)
	}
	needed, err := f.DynString(elf.DT_NEEDED)
	if err != nil || interp == "" && len(needed) == 0 {
		return nil // static
	}
	runpath, _ := f.DynString(elf.DT_RUNPATH)
	if rpath, _ := f.DynString(elf.DT_RPATH); len(runpath) == 0 {
		o.path = append(c.expand(rpath, o), o.path...)
	}
	for _, name := range append(needed, laterNames(o.data)...) {
		c.library(name, o, c.expand(runpath, o))
	}
	return nil
}

// loader takes the program interpreter, and prefers the sysroot it is from for all that follows.
func (c *gathering) loader(interp string) bool {
	at := path.Clean("/" + interp)
	if c.has(at) {
		return true
	}
	for i, root := range c.roots {
		if file := path.Join(root, at); executes(file, c.arch) && c.take(file, at, object{}) {
			c.roots = append([]string{root}, append(c.roots[:i:i], c.roots[i+1:]...)...)
			return true
		}
	}
	return false
}

// library takes a library that an object names.
func (c *gathering) library(name string, by object, runpath []string) {
	if strings.Contains(name, "/") {
		c.libraryIn(c.absolute(path.Dir(name)), path.Base(name), by)
		return
	}
	var dirs []string
	if len(runpath) == 0 {
		dirs = append(dirs, by.path...)
	}
	dirs = append(append(dirs, c.expand([]string{variable(c.env, "LD_LIBRARY_PATH")}, by)...), runpath...)
	for _, dir := range dirs {
		if c.libraryIn(dir, name, by) {
			return
		}
	}
	for _, dir := range hosts[c.arch].systemDirs {
		if c.has(path.Join(dir, name)) {
			return
		}
	}
	for _, root := range c.roots {
		for _, dir := range hosts[c.arch].systemDirs {
			at := path.Join(dir, name)
			if file := path.Join(root, at); isLibrary(file, c.arch) && c.take(file, at, object{path: by.path}) {
				return
			}
		}
	}
}

// libraryIn takes a library of the user's from a directory that has the same path on the host and in the guest.
func (c *gathering) libraryIn(dir, name string, by object) bool {
	at := path.Join(dir, name)
	return c.has(at) || !hidden(at) && isLibrary(at, c.arch) && c.take(at, at, object{own: true, path: by.path})
}

// expand makes directories of search paths, as they are in the guest.
func (c *gathering) expand(paths []string, o object) []string {
	var dirs []string
	origin := strings.NewReplacer("$ORIGIN", path.Dir(o.at), "${ORIGIN}", path.Dir(o.at))
	for _, p := range paths {
		for _, dir := range strings.FieldsFunc(p, func(r rune) bool { return r == ':' || r == ';' }) {
			if dir = origin.Replace(dir); !strings.Contains(dir, "$") {
				dirs = append(dirs, c.absolute(dir))
			}
		}
	}
	return dirs
}

func (c *gathering) absolute(name string) string {
	if path.IsAbs(name) {
		return path.Clean(name)
	}
	return path.Join("/", c.dir, name)
}

// isLibrary says whether a file is an ELF file for a machine.
func isLibrary(file, arch string) bool {
	info, err := os.Stat(file)
	if err != nil || !info.Mode().IsRegular() {
		return false
	}
	f, err := os.Open(file)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, headerSize)
	n, _ := f.ReadAt(head, 0)
	return headerArch(head[:n]) == arch
}

// laterNames are the names of libraries among a file's strings, as it passes them to dlopen; the C library itself has such for what is rarely needed.
func laterNames(data []byte) []string {
	var found []string
	suffix := []byte(".so")
	for from := 0; ; {
		i := bytes.Index(data[from:], suffix)
		if i < 0 {
			return found
		}
		start, end := from+i, from+i+len(suffix)
		from = end
		for start > 0 && (inName(data[start-1]) || data[start-1] == '/') {
			start--
		}
		for end < len(data) && inName(data[end]) {
			end++
		}
		// A whole string of C, that begins with a name.
		if start > 0 && data[start-1] == 0 && end < len(data) && data[end] == 0 && (end == from || data[from] == '.') && end-from < 32 && start+len(suffix) < end {
			found = append(found, string(data[start:end]))
		}
	}
}

// interpreter is the path of an ELF file's loader, "" for a static one.
func interpreter(f *elf.File) string {
	for _, h := range f.Progs {
		if h.Type == elf.PT_INTERP {
			b := make([]byte, min(h.Filesz, 4096))
			n, _ := h.ReadAt(b, 0)
			name, _, _ := strings.Cut(string(b[:n]), "\x00")
			return name
		}
	}
	return ""
}

// noLoader says what can be done about a loader that is nowhere.
func (c *gathering) noLoader(interp string) error {
	install := "install " + hosts[c.arch].library
	if strings.HasPrefix(path.Base(interp), "ld-musl-") {
		install = "install musl:" + c.arch
	}
	return usagef("needs %s, which neither the guest nor %s has; link the program with -static, %s, or name a directory that has it (--root DIR)",
		interp, strings.Join(c.roots, " nor "), install)
}

// hasInterpreter is an error if nobody can execute a script.
func (c *gathering) hasInterpreter(p *program) error {
	if at := path.Clean("/" + p.interp); !c.has(at) {
		return usagef("%s: a script for %s, which the guest does not have; name a directory that has it (--root DIR)", p.name, p.interp)
	}
	return nil
}

// scriptInterpreter is the path in a script's first line.
func scriptInterpreter(b []byte) (string, bool) {
	line, ok := bytes.CutPrefix(b[:min(len(b), 256)], []byte("#!"))
	if !ok {
		return "", false
	}
	line, _, _ = bytes.Cut(line, []byte("\n"))
	if fields := strings.Fields(string(line)); len(fields) > 0 && filepath.IsAbs(fields[0]) {
		return fields[0], true
	}
	return "", false
}
