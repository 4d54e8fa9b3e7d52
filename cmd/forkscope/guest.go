package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"

	"forkscope/guests"
	"forkscope/kernel"
	"forkscope/kernel/introspect"
	"forkscope/machine"
	view "forkscope/machine/debug"
)

// guest is what the machines of one command are made of: the first one, and those that a debugger starts in its place.
type guest struct {
	kernel  []byte
	config  machine.Config // all but the initial files
	foreign bool           // the kernel is the user's
	memory  string         // size as the user has given it; "" is ours to choose
	// follows says that a program for the other machine, when no process lives, makes the next machine that one.
	follows bool
	files   files
	words   []string // options for init
	grows   bool     // memory grows with the files
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

	requests *requests // to the machine that runs, for further programs; nil is none

	running atomic.Pointer[machine.Machine]
	former  *machine.Machine // may be in use until the one after it has been started
}

// files are those of a guest.
type files struct {
	root     []byte        // archive of the files that the user gives to the guest; nil is none
	given    view.FileTree // what is in root
	archives [][]byte      // the initial file system, without what is added for a program
	base     view.FileTree // what is in archives, as far as damage lets it be read
	damage   error
	present  view.FileTree // what the machine that runs has been given: base and what its programs need
	// tree is what a debugger may read: base, the programs that were started, and the kernel. It stays the same map.
	tree view.FileTree
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
	g.files.archives = files
	g.files.base = view.FileTree{}
	for _, archive := range files {
		if err := g.files.base.AddArchive(archive); err != nil && g.files.damage == nil {
			g.files.damage = err
		}
	}
	if g.files.tree == nil {
		g.files.tree = view.FileTree{}
	}
	clear(g.files.tree)
	maps.Copy(g.files.tree, g.files.base)
	if at := g.execFile(); at != "" {
		g.files.tree[at[1:]] = view.TreeFile{Mode: 0o755, Data: g.kernel}
	}
}

// execFile is the path of the kernel's ELF file in the tree; "" if it is none.
func (g *guest) execFile() string {
	if !isELF(g.kernel) {
		return ""
	}
	return "/boot/vmlinux-" + g.config.Arch
}

// image reads the kernel as what the guest's tasks are found by.
func (g *guest) image() (*introspect.Image, error) {
	if g.kernel == nil {
		return nil, errors.New("a ROM is no kernel")
	}
	return introspect.Open(bytes.NewReader(g.kernel))
}

// builtIn makes the guest's machines ones of an architecture, with our own kernel and initial files.
func (g *guest) builtIn(arch string) error {
	initrd, err := guests.Initramfs(arch)
	if err != nil {
		return err
	}
	if g.kernel, err = kernel.Image(arch); err != nil {
		return err
	}
	g.config.Arch, g.config.Kernel = arch, g.kernel
	return g.fill(initrd)
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
	p, err := findProgram(name, g.files.given, g.first.dir)
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
func (g *guest) fill(initrd []byte) error {
	if g.files.root != nil {
		var err error
		if initrd, err = underRoot(initrd, g.files.given); err != nil {
			return err
		}
	}
	g.config.MemorySize = machine.DefaultMemory
	if g.memory == "" {
		g.grows = true
		g.config.MemorySize += room(g.files.given)
	} else {
		var err error
		if g.config.MemorySize, err = parseSize(g.memory); err != nil {
			return usagef("--memory %s: %v", g.memory, err)
		}
	}
	if err := g.fits(g.memory); err != nil {
		return err
	}
	g.load(g.files.root, initrd)
	return nil
}

// fits says whether the built-in kernel will have room for the files of the user's root. Another kernel may need more or less.
func (g *guest) fits(memory string) error {
	const mib = 1 << 20
	need := room(g.files.given) + 16*mib
	switch most := machine.KindOf(g.config.Arch).KernelMemory; {
	case len(g.files.root) == 0 || g.foreign:
	case need > most:
		return usagef("--root: its %dM of files are too much for the kernel, which has room for %dM on the %s machine", pages(g.files.given)/mib, (most-16*mib)/2/mib, g.config.Arch)
	case g.config.MemorySize < need:
		return usagef("--memory %s: too little for the %dM of files of --root; write --memory %dM", memory, pages(g.files.given)/mib, need/mib)
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
	p, err := programIn(g.files.tree, name, g.first.dir)
	if isNotExist(err) {
		err = usageError{fmt.Errorf("%s: %w in the guest", name, fs.ErrNotExist)}
	}
	return p, err
}

// settle finds out where in the guest the program is when the links on the way to it are followed.
func (g *guest) settle(p *program) error {
	at, err := g.files.base.Resolve(p.path[1:])
	if err != nil {
		return usageError{fmt.Errorf("the guest's %s: %w", p.path, err)}
	}
	p.path = "/" + at
	p.image = p.path
	if p.script {
		if at, err = g.files.base.Resolve(path.Clean(p.interp)[1:]); err != nil {
			return usageError{fmt.Errorf("the guest's %s: %w", p.interp, err)}
		}
		p.image = "/" + at
	}
	return nil
}

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
