package kernel

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The folders under arch are the same: a reader who knows one machine's finds the same thing in the same place on another. Each file is in
// all of them, with the same functions in the same order. What not all have says why: a file in the first line of its first comment, a
// function, or the first of several, in a comment before it ("i386 only: arm64 has no ports").
func TestMachinesHaveTheSameFilesAndFunctions(t *testing.T) {
	machines, err := filepath.Glob("arch/*")
	if err != nil || len(machines) < 2 {
		t.Fatalf("arch has the machines %v, %v", machines, err)
	}
	files := make(map[string][]*source) // by the name that it has in all folders
	for _, m := range machines {
		for _, folder := range []string{".", "include/asm"} {
			entries, err := os.ReadDir(filepath.Join(m, folder))
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range entries {
				if name := filepath.Join(folder, e.Name()); !e.IsDir() {
					files[name] = append(files[name], read(t, filepath.Join(m, name)))
				}
			}
		}
	}
	if len(files) < 40 {
		t.Errorf("only the files %v were found", files)
	}
	compared := 0
	for name, of := range files {
		if len(of) < len(machines) {
			for _, s := range of {
				if !only.MatchString(s.firstComment) {
					t.Errorf("%s is in arch/* but once, and its first comment does not say why: %q", name, s.firstComment)
				}
			}
		}
		for i, a := range of {
			for _, b := range of[:i] {
				n, faults := compare(a, b)
				compared += n
				for _, f := range faults {
					t.Error(f)
				}
			}
		}
	}
	if compared < 100 {
		t.Errorf("only %d functions were found in more than one folder", compared)
	}
}

// only is how a comment says that what follows is not on all machines.
var only = regexp.MustCompile(`\b(i386|arm64|x86_64|x86) only: \w`)

// source is a file of a machine's.
type source struct {
	path         string
	firstComment string
	functions    []function
}

// function is a function, or what an assembly file lets others see.
type function struct {
	name   string
	static bool
	why    bool // a comment since the one before says that not all machines have it
}

// compare counts what two machines' files both have, and says what they have in another order, and what one has without saying why.
func compare(a, b *source) (n int, faults []string) {
	common := func(s, other *source) (names []string) {
		explained := false
		for _, f := range s.functions {
			explained = explained || f.why
			switch {
			case slices.ContainsFunc(other.functions, func(o function) bool { return o.name == f.name }):
				names = append(names, f.name)
				explained = false
			case !f.static && !explained:
				faults = append(faults, fmt.Sprintf("%s is in %s and not in %s; no comment says why", f.name, s.path, other.path))
			}
		}
		return names
	}
	left, right := common(a, b), common(b, a)
	if !slices.Equal(left, right) {
		faults = append(faults, fmt.Sprintf("%s and %s have the same functions in another order:\n%v\n%v", a.path, b.path, left, right))
	}
	return len(left), faults
}

var (
	comment  = regexp.MustCompile(`(?s)/\*.*?\*/|//[^\n]*`)
	syscall  = regexp.MustCompile(`^SYSCALL_DEFINE\d\((\w+)`)
	named    = regexp.MustCompile(`(\w+)\(`)
	noise    = regexp.MustCompile(`__attribute__\(\(.*?\)\)\s|__aligned\(.*?\)|__section\(.*?\)`)
	header   = regexp.MustCompile(`^(?:static inline [^=;(]*?(\w+)\(|#define (\w+)\()`)
	assembly = regexp.MustCompile(`^(?:ENTRY\((\w+)\)|\s+\.globl\s+(\w+))`)
)

func read(t *testing.T, path string) *source {
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return parse(path, string(b))
}

// parse finds the functions of a file by the kernel's style: the brace of a body is alone on its line.
func parse(path, text string) *source {
	s := &source{path: path}
	text = strings.TrimPrefix(strings.TrimPrefix(text, "// SPDX-License-Identifier: MIT\n"), "/* SPDX-License-Identifier: MIT */\n")
	for _, line := range strings.Split(comment.FindString(text), "\n") {
		if line = strings.Trim(line, "/* "); line != "" {
			s.firstComment = line
			break
		}
	}
	why := false
	add := func(name string, static bool) {
		s.functions = append(s.functions, function{name, static, why})
		why = false
	}
	head := "" // of what may become a function
	inComment := false
	for _, line := range strings.Split(text, "\n") {
		begins := strings.HasPrefix(strings.TrimSpace(line), "/*") || strings.HasPrefix(line, "//")
		why = why || (begins || inComment) && only.MatchString(line)
		switch {
		case begins || inComment:
			inComment = !strings.HasPrefix(line, "//") && !strings.Contains(line, "*/")
			head = ""
		case strings.HasSuffix(path, ".h"):
			if m := header.FindStringSubmatch(line); m != nil {
				add(m[1]+m[2], true)
			}
		case strings.HasSuffix(path, ".S"):
			if m := assembly.FindStringSubmatch(line); m != nil {
				add(m[1]+m[2], false)
			}
		case line == "{":
			if m := syscall.FindStringSubmatch(head); m != nil {
				add("sys_"+m[1], false)
			} else if m := named.FindStringSubmatch(noise.ReplaceAllString(head, "")); m != nil {
				add(m[1], strings.HasPrefix(head, "static "))
			}
			head = ""
		case line == "" || strings.HasPrefix(line, "#") || strings.HasSuffix(line, ";") || strings.HasPrefix(line, "}") || strings.HasSuffix(line, "\\"):
			head = ""
		default:
			head += line + " "
		}
	}
	return s
}

func TestDifferencesAreSeen(t *testing.T) {
	const left = "/* i386 only: no. */\nint a(int x,\n\tint y)\n{\n}\n\nstatic int b(void)\n{\n}\n\n__visible __attribute__((regparm(2)))\nstruct t *c(void)\n{\n}\n\nSYSCALL_DEFINE1(d, int, x)\n{\n}\n"
	for _, c := range []struct{ right, fault string }{
		{"static int b(void)\n{\n}\nstruct t *c(void)\n{\n}\nSYSCALL_DEFINE0(d)\n{\n}\n", ""},
		{"struct t *c(void)\n{\n}\nSYSCALL_DEFINE0(d)\n{\n}\n", ""},
		{"SYSCALL_DEFINE0(d)\n{\n}\nstruct t *c(void)\n{\n}\n", "left.c and right.c have the same functions in another order:\n[c sys_d]\n[sys_d c]"},
		{"struct t *c(void)\n{\n}\nint e(void)\n{\n}\nSYSCALL_DEFINE0(d)\n{\n}\n", "e is in right.c and not in left.c; no comment says why"},
		{"/* Why. */\nstruct t *c(void)\n{\n}\n", "sys_d is in left.c and not in right.c; no comment says why"},
	} {
		_, faults := compare(parse("left.c", left), parse("right.c", c.right))
		if strings.Join(faults, "\n") != c.fault {
			t.Errorf("%q: %q, not %q", c.right, faults, c.fault)
		}
	}
	if s := parse("a.h", "/* SPDX-License-Identifier: MIT */\n#ifndef A\n/*\n * arm64 only: so it is.\n */\nstatic inline int f(int x)\n{\n}\n#define g(x) x\n"); s.firstComment != "arm64 only: so it is." || len(s.functions) != 2 {
		t.Errorf("a header was read as %+v", s)
	}
	if s := parse("a.S", "ENTRY(f)\n\t.globl\tg\ng:\n"); len(s.functions) != 2 {
		t.Errorf("an assembly file was read as %+v", s)
	}
}
