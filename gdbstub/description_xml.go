package gdbstub

import (
	"strconv"
	"strings"
)

// systemGroup holds the registers that are the machine's state more than the thread's.
const systemGroup = "system"

// appendXML writes the description in the format of the gdb manual's appendix "Target Descriptions".
func (d *Description) appendXML(b []byte) []byte {
	b = append(b, "<?xml version=\"1.0\"?>\n<!DOCTYPE target SYSTEM \"gdb-target.dtd\">\n<target version=\"1.0\">\n"...)
	b = appendElement(b, "architecture", d.Architecture)
	if d.OSABI != "" {
		b = appendElement(b, "osabi", d.OSABI)
	}
	num := 0
	for _, f := range d.Features {
		b = append(b, "<feature"...)
		b = appendAttr(b, "name", f.Name)
		b = append(b, ">\n"...)
		for _, t := range f.Types {
			b = appendType(b, t)
		}
		for _, r := range f.Registers {
			b = append(b, "<reg"...)
			b = appendAttr(b, "name", r.Name)
			b = appendAttr(b, "bitsize", strconv.Itoa(r.Bits))
			if r.Type != "" {
				b = appendAttr(b, "type", r.Type)
			}
			b = appendAttr(b, "regnum", strconv.Itoa(num))
			if r.Group != "" {
				b = appendAttr(b, "group", r.Group)
			}
			if r.Group == systemGroup {
				b = appendAttr(b, "save-restore", "no")
			}
			b = append(b, "/>\n"...)
			num++
		}
		b = append(b, "</feature>\n"...)
	}
	return append(b, "</target>\n"...)
}

func appendType(b []byte, t Type) []byte {
	switch {
	case t.Vector != "":
		b = append(b, "<vector"...)
		b = appendAttr(b, "id", t.ID)
		b = appendAttr(b, "type", t.Vector)
		b = appendAttr(b, "count", strconv.Itoa(t.Count))
		return append(b, "/>\n"...)
	case len(t.Union) > 0:
		b = append(b, "<union"...)
		b = appendAttr(b, "id", t.ID)
		b = append(b, ">\n"...)
		for _, f := range t.Union {
			b = append(b, "<field"...)
			b = appendAttr(b, "name", f.Name)
			b = appendAttr(b, "type", f.Type)
			b = append(b, "/>\n"...)
		}
		return append(b, "</union>\n"...)
	default:
		b = append(b, "<flags"...)
		b = appendAttr(b, "id", t.ID)
		b = appendAttr(b, "size", strconv.Itoa(t.FlagBits/8))
		b = append(b, ">\n"...)
		for _, f := range t.Flags {
			b = append(b, "<field"...)
			b = appendAttr(b, "name", f.Name)
			b = appendAttr(b, "start", strconv.Itoa(f.Start))
			b = appendAttr(b, "end", strconv.Itoa(f.End))
			b = append(b, "/>\n"...)
		}
		return append(b, "</flags>\n"...)
	}
}

// xmlEscaper covers text and attributes. Bytes that XML can't carry at all (control characters in a guest's task
// name) are replaced before, by printable.
var xmlEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&apos;")

func appendElement(b []byte, name, text string) []byte {
	b = append(b, '<')
	b = append(b, name...)
	b = append(b, '>')
	b = appendText(b, text)
	b = append(b, "</"...)
	b = append(b, name...)
	return append(b, ">\n"...)
}

func appendAttr(b []byte, name, value string) []byte {
	b = append(b, ' ')
	b = append(b, name...)
	b = append(b, `="`...)
	b = appendText(b, value)
	return append(b, '"')
}

func appendText(b []byte, text string) []byte {
	return append(b, xmlEscaper.Replace(printable(text))...)
}

// printable replaces what is not printable ASCII: names come out of guest memory, which may be corrupt.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, s)
}
