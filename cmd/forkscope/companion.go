package main

import (
	"bytes"
	"os"
	"path"
	"slices"
	"strings"

	view "forkscope/machine/debug"
)

// companion is a file of the host that comes into the guest with a program, because the program cannot do without it.
type companion struct {
	at   string // in the guest
	data []byte
}

// gathering collects a program's companions: the executables beside it that it names, and what dynamic ones are linked to. It follows names from
// file to file, and takes nothing that is in the guest already.
type gathering struct {
	there view.FileTree // what the guest has
	arch  string
	dir   string   // working directory in the guest
	env   []string // of the program
	roots []string // see hostSide; that of the loader is the first
	taken map[string]bool
	found []companion
	queue []object
	// beside are executables that nothing has named so far, by name.
	beside    map[string]bool
	besideDir string
}

// object is a file of the guest that may name others.
type object struct {
	at   string
	data []byte
	own  bool     // the user's, not the system's
	path []string // DT_RPATH of what has loaded it
}

// companions collects what comes with the program of a start. It is an error if the guest will not have the program's loader.
func (g *guest) companions(s start, there view.FileTree) ([]companion, error) {
	p := s.program
	c := &gathering{
		there: there, arch: g.config.Arch, dir: s.dir, env: environment(g.env, s.env),
		roots: hosts[g.config.Arch].sysroots, taken: map[string]bool{p.path: true},
	}
	if p.file != "" && path.Dir(p.file) == path.Dir(p.path) {
		c.listBeside(p)
	}
	c.queue = []object{{at: p.path, data: p.data, own: true}}
	c.nameBeside([]byte(strings.Join(s.args, "\x00")))
	for _, library := range strings.FieldsFunc(variable(c.env, "LD_PRELOAD"), func(r rune) bool { return r == ' ' || r == ':' }) {
		c.library(library, object{at: p.path, own: true}, nil)
	}
	for len(c.queue) > 0 {
		o := c.queue[0]
		c.queue = c.queue[1:]
		if err := c.follow(o); err != nil && o.at == p.path {
			return nil, usagef("%s: %w", p.name, err)
		}
	}
	if p.script {
		if err := c.hasInterpreter(p); err != nil {
			return nil, err
		}
	}
	return c.found, nil
}

// follow takes what an object names.
func (c *gathering) follow(o object) error {
	if o.own {
		c.nameBeside(words(o.data))
	}
	if !isELF(o.data) {
		return nil
	}
	return c.link(o)
}

// has finds a file in the guest, or among what has been taken.
func (c *gathering) has(at string) bool {
	if c.taken[at] {
		return true
	}
	in, err := c.there.Resolve(at[1:])
	f, ok := c.there[in]
	return err == nil && ok && f.Mode.IsRegular()
}

// take makes a file of the host a companion, if it can be read.
func (c *gathering) take(file, at string, o object) bool {
	data, err := os.ReadFile(file)
	if err != nil {
		return false
	}
	c.taken[at] = true
	c.found = append(c.found, companion{at, data})
	o.at, o.data = at, data
	c.queue = append(c.queue, o)
	return true
}

// variable is the value of a variable of an environment, "" if it is not set.
func variable(env []string, name string) string {
	i := slices.IndexFunc(env, func(v string) bool { return strings.HasPrefix(v, name+"=") })
	if i < 0 {
		return ""
	}
	return env[i][len(name)+1:]
}

// names says whether text has the name as a word, which other characters of file names neither precede nor follow.
func names(text []byte, name string) bool {
	for from := 0; ; {
		i := bytes.Index(text[from:], []byte(name))
		if i < 0 {
			return false
		}
		start, end := from+i, from+i+len(name)
		if (start == 0 || !inName(text[start-1])) && (end == len(text) || !inName(text[end])) {
			return true
		}
		from = start + 1
	}
}

func inName(b byte) bool {
	return b == '.' || b == '_' || b == '-' || b == '+' || b >= '0' && b <= '9' || b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z' || b >= 0x80
}
