package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"

	"forkscope/machine"
	view "forkscope/machine/debug"
	"forkscope/machine/mem"

	"github.com/u-root/u-root/pkg/cpio"
)

// guest is what the machines of one command are made of: the first one, and those that a debugger starts in its place.
type guest struct {
	kernel  []byte
	config  machine.Config // all but the initial files
	foreign bool           // the kernel is the user's
	root    []byte         // archive of the files that the user gives to the guest; nil is none
	given   view.FileTree  // what is in root
	files   [][]byte       // archives of the initial file system, without what is added for a program
	base    view.FileTree  // what is in files, as far as damage lets it be read
	damage  error
	tree    view.FileTree // what a debugger may read: base, the programs that were started, and the kernel
	words   []string      // options for init
	grows   bool          // memory grows with the files
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
	last      string    // name of the program of the last start
	recorder  *recorder // nil: nothing is recorded

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
func (g *guest) load(files ...[]byte) {
	g.files = files
	g.base = view.FileTree{}
	for _, archive := range files {
		if err := g.base.AddArchive(archive); err != nil && g.damage == nil {
			g.damage = err
		}
	}
	g.tree = make(view.FileTree, len(g.base))
	for name, f := range g.base {
		g.tree[name] = f
	}
}

// surroundings are what a program of the user's finds: the environment and the working directory of the command, and what the user
// says of them. Without a program the built-in one keeps init's.
func (g *guest) surroundings(program bool, dir string, env []string) error {
	if program {
		g.env = os.Environ()
		var err error
		if g.first.dir, err = workingDirectory(); err != nil {
			return err
		}
	}
	if dir != "" {
		g.first.dir = path.Join("/", g.first.dir, dir)
		if path.IsAbs(dir) {
			g.first.dir = path.Clean(dir)
		}
	}
	var changes []string
	for _, v := range env {
		name, _, set := strings.Cut(v, "=")
		if name == "" {
			return usagef("--env %s: write it like NAME=VALUE", v)
		}
		if !set {
			value, ok := os.LookupEnv(name)
			if !ok {
				continue
			}
			v = name + "=" + value
		}
		changes = append(changes, v)
	}
	if len(changes) > 0 {
		g.env = environment(g.env, changes)
	}
	return nil
}

// program finds the PROGRAM of the command line, whose machine must be arch if that is known. It is nil without an error if there is no name, or
// if only the built-in files can have a program of that name.
func (g *guest) program(name string, arch *string) (*program, error) {
	if name == "" {
		return nil, nil
	}
	p, err := findProgram(name, g.given, g.first.dir)
	if isNotExist(err) && !strings.Contains(name, "/") {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if *arch != "" && p.arch != "" && *arch != p.arch {
		return nil, usagef("--arch %s: %s is a program for %s", *arch, name, p.arch)
	}
	if *arch == "" {
		*arch = p.arch
	}
	return p, nil
}

// fill gives the guest its memory and its initial files: an archive, which may be empty, and the user's root. Memory that the user has not sized
// grows with the files.
func (g *guest) fill(initrd []byte, memory string) error {
	if g.root != nil {
		var err error
		if initrd, err = underRoot(initrd, g.given); err != nil {
			return err
		}
	}
	g.config.MemorySize = machine.DefaultMemory
	if memory == "" {
		g.grows = true
		g.config.MemorySize += room(g.given)
	} else {
		var err error
		if g.config.MemorySize, err = parseSize(memory); err != nil {
			return usagef("--memory %s: %v", memory, err)
		}
	}
	if err := g.fits(memory); err != nil {
		return err
	}
	g.load(g.root, initrd)
	return nil
}

// mostMemory is what the kernel can use, in bytes.
var mostMemory = map[string]uint64{machine.I386: 768 << 20, machine.ARM64: 3 << 30}

// fits says whether the built-in kernel will have room for the files of the user's root. Another kernel may need more or less.
func (g *guest) fits(memory string) error {
	const mib = 1 << 20
	need := room(g.given) + 16*mib
	switch most := mostMemory[g.config.Arch]; {
	case len(g.root) == 0 || g.foreign:
	case need > most:
		return usagef("--root: its %dM of files are too much for the kernel, which has room for %dM on the %s machine", pages(g.given)/mib, (most-16*mib)/2/mib, g.config.Arch)
	case g.config.MemorySize < need:
		return usagef("--memory %s: too little for the %dM of files of --root; write --memory %dM", memory, pages(g.given)/mib, need/mib)
	case g.grows:
		g.config.MemorySize = min(g.config.MemorySize, most)
	}
	return nil
}

// ready takes the program of the command line, or finds it among the built-in ones by its name.
func (g *guest) ready(p *program, name string, args []string) error {
	if p == nil && name != "" {
		var err error
		if p, err = g.own(name); isNotExist(err) {
			return usageError{fmt.Errorf("%s: %w: neither here nor in the guest", name, syscall.ENOENT)}
		} else if err != nil {
			return err
		}
	}
	g.first.program, g.first.args = p, args
	if p == nil {
		return nil
	}
	return g.settle(p)
}

// boot makes a machine that will run the program, at its first instruction. It takes the place of the one before.
func (g *guest) boot(s start) (*machine.Machine, error) {
	extra, err := g.archive(s)
	if err != nil {
		return nil, err
	}
	config := g.config
	config.Initrd = append(g.files[:len(g.files):len(g.files)], extra)
	added := view.FileTree{}
	if err := added.AddArchive(extra); err != nil {
		panic("BUG: " + err.Error())
	}
	if g.grows {
		config.MemorySize += room(added)
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
	if err := g.recorder.begin(config, m); err != nil {
		g.config.Log.WithError(err).Warn("the run before is not recorded")
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

// room is the memory, in bytes, that files need: they may be half of it (kernel/fs/tmpfs.c). A little is there anyway.
func room(files view.FileTree) uint64 {
	const little = 4 << 20
	size := pages(files)
	if size < little {
		return 0
	}
	return alignUp(2*size, 1<<20)
}

// pages are what files take in memory, in bytes.
func pages(files view.FileTree) (size uint64) {
	for _, f := range files {
		size += alignUp(uint64(len(f.Data)), mem.PageSize)
	}
	return size
}

// machine is the one that runs now.
func (g *guest) machine() *machine.Machine { return g.running.Load() }

// finish writes the log of the run, if it is to be recorded.
func (g *guest) finish() {
	if err := g.recorder.end(); err != nil {
		g.config.Log.WithError(err).Warn("the run is not recorded")
	}
}

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
		p, err := hostProgram(s.program.file)
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
		if s.program.arch != "" && s.program.arch != g.config.Arch {
			return nil, fmt.Errorf("%s: a program for %s, and this machine is %s (see --arch)", s.program.name, s.program.arch, g.config.Arch)
		}
		if err := g.settle(s.program); err != nil {
			return nil, err
		}
		want.Path = s.program.image
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
	p, err := hostProgram(name)
	if err == nil {
		return namedProgram(p)
	}
	if isNotExist(err) {
		if own, missing := g.own(name); !isNotExist(missing) {
			return own, missing
		}
	}
	return nil, err
}

// own is a program that is in the guest's file system already. A name without a directory is looked up as the guest's shell would.
func (g *guest) own(name string) (*program, error) {
	p, err := programIn(g.tree, name, g.first.dir)
	if isNotExist(err) {
		err = usageError{fmt.Errorf("%s: %w in the guest", name, fs.ErrNotExist)}
	}
	return p, err
}

// settle finds out where in the guest the program is when the links on the way to it are followed.
func (g *guest) settle(p *program) error {
	at, err := g.base.Resolve(p.path[1:])
	if err != nil {
		return usageError{fmt.Errorf("the guest's %s: %w", p.path, err)}
	}
	p.path = "/" + at
	p.image = p.path
	if p.script {
		if at, err = g.base.Resolve(path.Clean(p.interp)[1:]); err != nil {
			return usageError{fmt.Errorf("the guest's %s: %w", p.interp, err)}
		}
		p.image = "/" + at
	}
	return nil
}

// archive is a cpio archive, to be appended to the initial file system, that holds the program with its companions and init's orders.
func (g *guest) archive(s start) ([]byte, error) {
	if s.program == nil && s.dir == "" && !s.nothing && g.env == nil && len(s.env)+len(g.words) == 0 {
		return nil, nil
	}
	l := &layout{guest: g, made: make(map[string]bool)}
	if err := l.directories("/etc"); err != nil {
		return nil, err
	}
	if p := s.program; p != nil {
		if err := l.placeProgram(s); err != nil {
			return nil, err
		}
		l.add("/etc/init.args", []byte(zeroEnded(append([]string{p.name}, s.args...))), 0o644)
	}
	if s.dir != "" {
		if err := l.directories(s.dir); err != nil {
			return nil, err
		}
	}
	if words := g.orders(s); len(words) > 0 {
		l.add("/etc/init.options", []byte(zeroEnded(words)), 0o644)
	}
	if p := s.program; p != nil && p.file != "" {
		// It comes last: where it is too large for the guest, init still knows what it should have run.
		l.add(p.path, p.data, 0o755)
	}
	// Inode numbers that no other archive's files have: equal ones would be hard links to the guest.
	return writeArchive(l.records, 1<<20)
}

// orders are init's options for a start.
func (g *guest) orders(s start) []string {
	words := slices.Clone(g.words)
	if s.nothing {
		words = append(words, "no-program")
	}
	if p := s.program; p != nil {
		if exec := g.execName(p, s.dir); exec != p.name {
			words = append(words, "exec="+exec)
		}
	}
	if s.dir != "" {
		words = append(words, "dir="+s.dir)
	}
	if g.env != nil || len(s.env) > 0 {
		words = append(words, "env=")
		for _, v := range environment(g.env, s.env) {
			words = append(words, "env="+v)
		}
	}
	return words
}

// execName is the name by which a program is executed, which a script sees: as it was typed, if that leads to it from the working directory.
func (g *guest) execName(p *program, dir string) string {
	if !strings.Contains(p.name, "/") {
		return p.path
	}
	at := p.name
	if !path.IsAbs(at) {
		at = path.Join("/", dir, at)
	}
	if at, err := g.base.Resolve(at[1:]); err != nil || "/"+at != p.path {
		return p.path
	}
	return p.name
}

// layout is a set of files to be added to the guest's.
type layout struct {
	guest   *guest
	made    map[string]bool
	records []cpio.Record
}

func (l *layout) add(at string, data []byte, mode uint64) {
	l.records = append(l.records, cpio.StaticRecord(data, cpio.Info{Name: at[1:], Mode: cpio.S_IFREG | mode}))
}

// directories makes a directory and those above it, where there is none.
func (l *layout) directories(dir string) error {
	var missing []string
	for ; dir != "/" && dir != "."; dir = path.Dir(dir) {
		at, err := l.guest.base.Resolve(dir[1:])
		if err != nil {
			return usageError{fmt.Errorf("the guest's %s: %w", dir, err)}
		}
		if f, ok := l.guest.base[at]; ok {
			if !f.Mode.IsDir() {
				return usagef("%s is no directory in the guest", dir)
			}
			break
		}
		missing = append(missing, dir)
	}
	for _, d := range slices.Backward(missing) {
		if !l.made[d] {
			l.made[d] = true
			l.records = append(l.records, cpio.Directory(d[1:], 0o755))
		}
	}
	return nil
}

// placeProgram makes the place for the program of a start, and adds what comes with it. The program can also be had as /bin/NAME, unless
// the guest has another one of that name.
func (l *layout) placeProgram(s start) error {
	p := s.program
	found, err := l.guest.companions(s)
	if err != nil {
		return err
	}
	for _, c := range found {
		if err := l.directories(path.Dir(c.at)); err != nil {
			return err
		}
		l.add(c.at, c.data, 0o755)
	}
	if p.file == "" {
		return nil
	}
	if err := l.directories(path.Dir(p.path)); err != nil {
		return err
	}
	bin, err := l.guest.base.Resolve("bin/" + path.Base(p.path))
	if err != nil {
		return nil
	}
	if _, there := l.guest.base[bin]; !there && "/"+bin != p.path {
		if err := l.directories(path.Dir("/" + bin)); err != nil {
			return err
		}
		l.records = append(l.records, cpio.Symlink(bin, p.path))
	}
	return nil
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
