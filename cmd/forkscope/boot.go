package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path"

	"forkscope/machine"
	view "forkscope/machine/debug"
	"forkscope/machine/mem"
)

// boot makes a machine that will run the program, at its first instruction. It takes the place of the one before.
func (g *guest) boot(s start) (*machine.Machine, error) {
	extra, err := g.archive(s)
	if err != nil {
		return nil, err
	}
	config := g.config
	config.Initrd = append(g.files.archives[:len(g.files.archives):len(g.files.archives)], extra)
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
	if g.replacing != nil {
		g.replacing()
	}
	if err := g.recorder.begin(config, m); err != nil {
		g.config.Log.WithError(err).Warn("the run before is not recorded")
	}
	g.files.present = maps.Clone(g.files.base)
	g.know(extra)
	if g.requests != nil {
		g.requests.forget()
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

// know adds an archive of files that the running machine has been given to what is known of it.
func (g *guest) know(archive []byte) {
	for _, t := range []view.FileTree{g.files.present, g.files.tree} {
		if err := t.AddArchive(archive); err != nil {
			panic("BUG: " + err.Error())
		}
	}
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
	before := g.config.Arch
	s, err := g.wanted(want, true)
	if err != nil {
		return nil, err
	}
	m, err := g.boot(s)
	if err != nil {
		return nil, err
	}
	g.first.program = s.program
	if g.config.Arch != before {
		want.Image, err = g.image()
	}
	return m, err
}

// wanted is a program that a debugger wants to be started, as it can be started. It sets the path that the program will have in the guest. If follow is
// set, the next machine may be another one, that the program is for.
func (g *guest) wanted(want *view.Start, follow bool) (start, error) {
	s := start{program: g.first.program, args: want.Args, env: want.Env, dir: g.first.dir}
	if s.program == nil && want.Path == "" {
		return s, errNoProgram
	}
	if want.Path != "" && (s.program == nil || want.Path != s.program.path && want.Path != s.program.name) {
		p, err := g.find(want.Path)
		if err != nil {
			return s, err
		}
		s.program = p
		if !g.host {
			s.dir = ""
		}
	} else if s.program != nil && s.program.file != "" {
		// It may have been built anew since.
		p, err := hostProgram(s.program.file)
		if err != nil {
			return s, err
		}
		p.name, p.path = s.program.name, s.program.path
		s.program = p
	}
	if want.Dir != "" {
		var err error
		if s.dir, err = g.directory(want.Dir); err != nil {
			return s, err
		}
	}
	if s.program != nil {
		if arch := s.program.arch; arch != "" && arch != g.config.Arch {
			switch {
			case !g.follows:
				return s, fmt.Errorf("%s: a program for %s, and this machine is %s (see --arch)", s.program.name, arch, g.config.Arch)
			case !follow:
				return s, fmt.Errorf("%s: a program for %s, and other programs live on this machine, which is %s", s.program.name, arch, g.config.Arch)
			}
			if err := g.builtIn(arch); err != nil {
				return s, err
			}
		}
		if err := g.settle(s.program); err != nil {
			return s, err
		}
		want.Path = s.program.image
	}
	return s, nil
}

// directory is a working directory that is named by a debugger: one of the guest's own, or, where the host's programs can be started, of the host.
func (g *guest) directory(name string) (string, error) {
	if g.host {
		at, err := physical(name)
		if info, _ := os.Stat(at); err == nil && info != nil && info.IsDir() {
			return at, nil
		}
	}
	at, err := g.files.base.Resolve(path.Clean("/" + name)[1:])
	if f, ok := g.files.base[at]; err != nil || at != "." && (!ok || !f.Mode.IsDir()) {
		return "", usagef("%s: not a directory of the guest", name)
	}
	return path.Join("/", at), nil
}
