package introspect

import (
	"bufio"
	"bytes"
	"debug/elf"
	"fmt"
	"hash/crc32"
	"slices"
	"strconv"
	"strings"
)

// A layout file says where one image of a kernel keeps what its profile names. It is made from the image's DWARF, which takes forty
// milliseconds to read, when the image is built, and is believed for that image alone: its first line is the image's checksum. A name
// that is not in it is looked up in the DWARF all the same.

// imageSum is the first line of an image's layout file.
func imageSum(image []byte) string {
	return fmt.Sprintf("image %08x", crc32.Checksum(image, crc32.MakeTable(crc32.Castagnoli)))
}

// Layout makes the layout file of an image.
func Layout(image []byte) ([]byte, error) {
	im, err := Open(bytes.NewReader(image))
	if err != nil {
		return nil, err
	}
	rec := recorder{Types: im}
	if _, err := NewBy(&forkscope, &rec, im, nil); err != nil {
		return nil, err
	}
	slices.Sort(rec.lines)
	lines := append([]string{imageSum(image)}, slices.Compact(rec.lines)...)
	return []byte(strings.Join(lines, "\n") + "\n"), nil
}

// recorder writes down what was looked up and found, and of which variables there is no type.
type recorder struct {
	Types
	lines []string
}

func (r *recorder) note(err error, kind, name string, f Field) {
	if err == nil || kind == "variable" {
		r.lines = append(r.lines, fmt.Sprintf("%s %s %d %d", kind, name, f.Offset, f.Size))
	}
}

func (r *recorder) Field(typ, path string) (Field, error) {
	f, err := r.Types.Field(typ, path)
	r.note(err, "member", typ+"."+path, f)
	return f, err
}

func (r *recorder) Size(typ string) (int64, error) {
	n, err := r.Types.Size(typ)
	r.note(err, "struct", typ, Field{Size: n})
	return n, err
}

func (r *recorder) GlobalSize(name string) (int64, error) {
	n, err := r.Types.GlobalSize(name)
	r.note(err, "variable", name, Field{Size: n})
	return n, err
}

// OpenWith is Open for an image in memory whose layout file there may be. One of another image, or that is damaged, is as none.
func OpenWith(image, layout []byte) (*Image, error) {
	known := readLayout(image, layout)
	return open(bytes.NewReader(image), known)
}

// readLayout takes a layout file apart; nil is one that cannot be used.
func readLayout(image, layout []byte) map[string]Field {
	lines := bufio.NewScanner(bytes.NewReader(layout))
	if !lines.Scan() || lines.Text() != imageSum(image) {
		return nil
	}
	known := make(map[string]Field)
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		if len(words) != 4 {
			return nil
		}
		offset, err := strconv.ParseInt(words[2], 10, 64)
		size, err2 := strconv.ParseInt(words[3], 10, 64)
		if err != nil || err2 != nil {
			return nil
		}
		known[words[0]+" "+words[1]] = Field{Offset: offset, Size: size}
	}
	return known
}

// layoutTypes are types of which some are known, and the rest is read when one is asked for.
type layoutTypes struct {
	known map[string]Field
	file  *elf.File
	rest  *dwarfTypes
}

// dwarf reads the rest. Where that fails there is none.
func (t *layoutTypes) dwarf() *dwarfTypes {
	if t.rest == nil {
		t.rest = new(dwarfTypes)
		t.rest.read(t.file)
	}
	return t.rest
}

func (t *layoutTypes) field(typ, path string) (Field, error) {
	if f, ok := t.known["member "+typ+"."+path]; ok {
		return f, nil
	}
	return t.dwarf().field(typ, path)
}

func (t *layoutTypes) size(typ string) (int64, error) {
	if f, ok := t.known["struct "+typ]; ok {
		return f.Size, nil
	}
	return t.dwarf().size(typ)
}

func (t *layoutTypes) globalSize(name string) (int64, error) {
	if f, ok := t.known["variable "+name]; ok && f.Size == 0 {
		return 0, fmt.Errorf("kernel image has no variable %q", name)
	} else if ok {
		return f.Size, nil
	}
	return t.dwarf().globalSize(name)
}
