package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"sync/atomic"

	"forkscope/machine"
	view "forkscope/machine/debug"

	"github.com/u-root/u-root/pkg/cpio"
)

// guest is what the machines of one command are made of: the first one, and those that a debugger starts in its place.
type guest struct {
	kernel []byte
	config machine.Config // all but the initial files
	files  []byte         // archives of the initial file system, without what is added for a program
	base   view.FileTree  // what is in files, as far as damage lets it be read
	damage error
	tree   view.FileTree // what a debugger may read: base, the programs that were started, and the kernel
	words  []string      // options for init
	grows  bool          // memory grows with the files
	// env is the environment of programs; nil is init's own choice.
	env []string
	// host says that a debugger may have any program of the host's started, by the path it has there.
	host bool
	// first is what the command line asks for, or the program of the last start.
	first start
	// refused hears why a debugger's program could not be started; nil is none.
	refused func(error)
	// replacing is called when another machine is about to take the place of the one that runs; nil is none.
	replacing func()
	last      string // name of the program of the last start

	running atomic.Pointer[machine.Machine]
	former  *machine.Machine // may be in use until the one after it has been started
}

// start is a program to be run.
type start struct {
	program *program // nil leaves the choice to init
	nothing bool     // to be run
	args    []string
	env     []string // changes to the environment: "NAME=VALUE" or, to unset, "NAME"
	dir     string   // working directory; "" is the program's or the guest's root
}

// usualEnv is the environment that init gives to programs by itself.
var usualEnv = []string{"HOME=/", "PATH=/bin", "TERM=linux"}

// load takes the archives of the initial file system, and lists what is in them.
func (g *guest) load(files []byte) {
	g.files = files
	g.base = view.FileTree{}
	g.damage = g.base.AddArchive(files)
	g.tree = make(view.FileTree, len(g.base))
	for name, f := range g.base {
		g.tree[name] = f
	}
}

// boot makes a machine that will run the program, at its first instruction. It takes the place of the one before.
func (g *guest) boot(s start) (*machine.Machine, error) {
	extra, err := g.archive(s)
	if err != nil {
		return nil, err
	}
	config := g.config
	config.Initrd = join(g.files, extra)
	if g.grows {
		config.MemorySize += room(len(extra))
	}
	m, err := machine.New(config)
	if err != nil {
		return nil, err
	}
	if err := g.tree.AddArchive(extra); err != nil {
		panic("BUG: " + err.Error())
	}
	if g.replacing != nil {
		g.replacing()
	}
	g.last = ""
	if s.program != nil {
		g.last = s.program.name
	}
	old := g.running.Swap(m)
	if g.former != nil {
		g.former.Close()
	}
	g.former = old
	return m, nil
}

// room is the memory, in bytes, that files of some size need: the archive and what it is unpacked to are there at the same time. A little is there
// anyway.
func room(size int) uint64 {
	const little = 4 << 20
	if size < little {
		return 0
	}
	return 3 * uint64(size) &^ (1<<20 - 1)
}

// machine is the one that runs now.
func (g *guest) machine() *machine.Machine { return g.running.Load() }

// close gives back what the machines hold.
func (g *guest) close() {
	for _, m := range []*machine.Machine{g.former, g.running.Load()} {
		if m != nil {
			m.Close()
		}
	}
}

// errNoProgram is a debugger's "run" of nothing. The debugger says that itself.
var errNoProgram = errors.New("no program to run: set remote exec-file PATH names one")

// again makes the machine for a program that a debugger wants to be started, and sets its path in the guest.
func (g *guest) again(want *view.Start) (*machine.Machine, error) {
	m, err := g.startAgain(want)
	if err != nil && err != errNoProgram && g.refused != nil {
		g.refused(err)
	}
	return m, err
}

func (g *guest) startAgain(want *view.Start) (*machine.Machine, error) {
	s := start{program: g.first.program, args: want.Args, env: want.Env, dir: g.first.dir}
	if s.program == nil && want.Path == "" {
		return nil, errNoProgram
	}
	if want.Path != "" && (s.program == nil || want.Path != s.program.path && want.Path != s.program.name) {
		p, err := g.find(want.Path)
		if err != nil {
			return nil, err
		}
		s.program = p
		if !g.host {
			s.dir = ""
		}
	} else if s.program != nil && s.program.file != "" {
		// It may have been built anew since.
		read := readProgram
		if s.program.placed {
			read = hostProgram
		}
		p, err := read(s.program.file)
		if err != nil {
			return nil, err
		}
		p.name, p.path = s.program.name, s.program.path
		s.program = p
	}
	if want.Dir != "" {
		var err error
		if s.dir, err = g.directory(want.Dir); err != nil {
			return nil, err
		}
	}
	if s.program != nil {
		if s.program.arch != g.config.Arch {
			return nil, fmt.Errorf("%s: a program for %s, and this machine is %s (see --arch)", s.program.name, s.program.arch, g.config.Arch)
		}
		if err := g.settle(s.program); err != nil {
			return nil, err
		}
		want.Path = s.program.path
	}
	m, err := g.boot(s)
	if err == nil {
		g.first.program = s.program
	}
	return m, err
}

// directory is a working directory that is named by a debugger: one of the guest's own, or, where the host's programs can be started, of the host.
func (g *guest) directory(name string) (string, error) {
	if g.host {
		at, err := physical(name)
		if info, _ := os.Stat(at); err == nil && info != nil && info.IsDir() {
			return at, nil
		}
	}
	at, err := g.base.Resolve(path.Clean("/" + name)[1:])
	if f, ok := g.base[at]; err != nil || at != "." && (!ok || !f.Mode.IsDir()) {
		return "", usagef("%s: not a directory of the guest", name)
	}
	return path.Join("/", at), nil
}

// find finds a program that is named by a debugger: one of the host's if that is allowed, else one of the guest's own.
func (g *guest) find(name string) (*program, error) {
	if !g.host {
		return g.own(name)
	}
	p, err := namedProgram(name)
	if isNotExist(err) {
		if own, missing := g.own(name); !isNotExist(missing) {
			return own, missing
		}
	}
	return p, err
}

// own is a program that is in the guest's file system already. A name without a directory is looked up as the guest's shell would.
func (g *guest) own(name string) (*program, error) {
	at := name
	if !strings.Contains(name, "/") {
		at = "/bin/" + name
	}
	at = path.Clean("/" + at)
	data, err := fs.ReadFile(g.tree, at[1:])
	if err != nil {
		return nil, usageError{fmt.Errorf("%s: %w in the guest", name, fs.ErrNotExist)}
	}
	p, err := parseProgram(name, data)
	if err != nil {
		return nil, err
	}
	p.path = at
	return p, nil
}

// settle finds out where in the guest the program is when the links on the way to it are followed, and whether a dynamic one has its loader.
func (g *guest) settle(p *program) error {
	at, err := g.base.Resolve(p.path[1:])
	if err != nil {
		return usageError{fmt.Errorf("the guest's %s: %w", p.path, err)}
	}
	p.path = "/" + at
	if p.interp == "" {
		return nil
	}
	at, err = g.base.Resolve(path.Clean("/" + p.interp)[1:])
	if f, ok := g.base[at]; err == nil && ok && f.Mode.IsRegular() {
		return nil
	}
	return usagef("%s: needs %s, which the guest does not have; link the program with -static, or give the guest a root directory with its libraries (--root%s)",
		p.name, p.interp, rootHint(p))
}

// archive is a cpio archive, to be appended to the initial file system, that holds the program and init's orders.
func (g *guest) archive(s start) ([]byte, error) {
	var records []cpio.Record
	words := slices.Clone(g.words)
	made := make(map[string]bool)
	// directories makes the directory and those above it.
	directories := func(dir string) error {
		var missing []string
		for ; dir != "/" && dir != "."; dir = path.Dir(dir) {
			at, err := g.base.Resolve(dir[1:])
			if err != nil {
				return usageError{fmt.Errorf("the guest's %s: %w", dir, err)}
			}
			if f, ok := g.base[at]; ok {
				if !f.Mode.IsDir() {
					return usagef("%s is no directory in the guest", dir)
				}
				break
			}
			missing = append(missing, dir)
		}
		for _, d := range slices.Backward(missing) {
			if !made[d] {
				made[d] = true
				records = append(records, cpio.Directory(d[1:], 0o755))
			}
		}
		return nil
	}
	if s.nothing {
		words = append(words, "no-program")
	}
	if s.program == nil && s.dir == "" && g.env == nil && len(s.env)+len(words) == 0 {
		return nil, nil
	}
	if err := directories("/etc"); err != nil {
		return nil, err
	}
	if p := s.program; p != nil {
		if p.file != "" {
			if err := directories(path.Dir(p.path)); err != nil {
				return nil, err
			}
			for _, n := range p.beside {
				at := path.Join(path.Dir(p.path), n.name)
				if _, there := g.base[at[1:]]; !there {
					records = append(records, cpio.StaticRecord(n.data, cpio.Info{Name: at[1:], Mode: cpio.S_IFREG | 0o755}))
				}
			}
		}
		records = append(records, cpio.StaticFile("etc/init.args", zeroEnded(append([]string{p.name}, s.args...)), 0o644))
		if p.name != p.path {
			words = append(words, "exec="+p.path)
		}
	}
	if s.dir != "" {
		if err := directories(s.dir); err != nil {
			return nil, err
		}
		words = append(words, "dir="+s.dir)
	}
	if g.env != nil || len(s.env) > 0 {
		words = append(words, "env=")
		for _, v := range environment(g.env, s.env) {
			words = append(words, "env="+v)
		}
	}
	if len(words) > 0 {
		records = append(records, cpio.StaticFile("etc/init.options", zeroEnded(words), 0o644))
	}
	if p := s.program; p != nil && p.file != "" {
		// It comes last: where it is too large for the guest, init still knows what it should have run.
		records = append(records, cpio.StaticRecord(p.data, cpio.Info{Name: p.path[1:], Mode: cpio.S_IFREG | 0o755}))
	}
	// Inode numbers that no other archive's files have: equal ones would be hard links to the guest.
	return writeArchive(records, 1<<20)
}

// zeroEnded puts strings behind each other as init reads them.
func zeroEnded(words []string) string { return strings.Join(words, "\x00") + "\x00" }

// environment applies changes to an environment, nil being the usual one.
func environment(env, changes []string) []string {
	if env == nil {
		env = usualEnv
	}
	env = slices.Clone(env)
	for _, c := range changes {
		name, _, set := strings.Cut(c, "=")
		at := slices.IndexFunc(env, func(v string) bool { return strings.HasPrefix(v, name+"=") })
		switch {
		case at >= 0 && set:
			env[at] = c
		case at >= 0:
			env = slices.Delete(env, at, at+1)
		case set:
			env = append(env, c)
		}
	}
	return env
}

// writeArchive makes a cpio archive of records, whose inode numbers count up from ino.
func writeArchive(records []cpio.Record, ino uint64) ([]byte, error) {
	var out bytes.Buffer
	w := cpio.Newc.Writer(&out)
	for i, rec := range records {
		rec.Ino = ino + uint64(i)
		if err := w.WriteRecord(rec); err != nil {
			return nil, fmt.Errorf("initial file system: %s: %w", rec.Name, err)
		}
	}
	if err := cpio.WriteTrailer(w); err != nil {
		return nil, fmt.Errorf("initial file system: %w", err)
	}
	return out.Bytes(), nil
}

// join puts archives behind each other, aligned as the kernel expects them.
func join(archives ...[]byte) []byte {
	size := 0
	for _, a := range archives {
		size += len(a) + 511
	}
	out := make([]byte, 0, size)
	for _, a := range archives {
		for len(out)%512 != 0 {
			out = append(out, 0)
		}
		out = append(out, a...)
	}
	return out
}
