package main

import (
	"fmt"
	"path"
	"slices"
	"strings"

	view "forkscope/machine/debug"

	"github.com/u-root/u-root/pkg/cpio"
)

// archive is a cpio archive, to be appended to the initial file system, that holds the program with its companions and init's orders.
func (g *guest) archive(s start) ([]byte, error) {
	if s.program == nil && s.dir == "" && !s.nothing && g.env == nil && len(s.env)+len(g.words) == 0 {
		return nil, nil
	}
	l := newLayout(g, g.files.base)
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
	return append(words, g.how(s)...)
}

// how is the part of init's options that is about the program.
func (g *guest) how(s start) []string {
	var words []string
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
	if at, err := g.files.base.Resolve(at[1:]); err != nil || "/"+at != p.path {
		return p.path
	}
	return p.name
}

// layout is a set of files to be added to the guest's.
type layout struct {
	guest   *guest
	there   view.FileTree // what the guest has
	made    map[string]bool
	records []cpio.Record
}

func newLayout(g *guest, there view.FileTree) *layout {
	return &layout{guest: g, there: there, made: make(map[string]bool)}
}

func (l *layout) add(at string, data []byte, mode uint64) {
	l.records = append(l.records, cpio.StaticRecord(data, cpio.Info{Name: at[1:], Mode: cpio.S_IFREG | mode}))
}

// directories makes a directory and those above it, where there is none.
func (l *layout) directories(dir string) error {
	var missing []string
	for ; dir != "/" && dir != "."; dir = path.Dir(dir) {
		at, err := l.there.Resolve(dir[1:])
		if err != nil {
			return usageError{fmt.Errorf("the guest's %s: %w", dir, err)}
		}
		if f, ok := l.there[at]; ok {
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
	found, err := l.guest.companions(s, l.there)
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
	bin, err := l.there.Resolve("bin/" + path.Base(p.path))
	if err != nil {
		return nil
	}
	if _, there := l.there[bin]; !there && "/"+bin != p.path {
		if err := l.directories(path.Dir("/" + bin)); err != nil {
			return err
		}
		l.records = append(l.records, cpio.Symlink(bin, p.path))
	}
	return nil
}

// zeroEnded puts strings behind each other as init reads them.
func zeroEnded(words []string) string { return strings.Join(words, "\x00") + "\x00" }
