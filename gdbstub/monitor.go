package gdbstub

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// monitor answers qRcmd, by the target's commands.
type monitor struct{ *core }

func (m *monitor) register(r *requests) { r.names["qRcmd"] = m.answer }

// answer is qRcmd,HEX: gdb's "monitor" command.
func (m *monitor) answer(rest []byte) error {
	a := args{rest: rest}
	a.expect(',')
	line := string(a.hex(m.buf[:0]))
	if !a.done() {
		return invalid("qRcmd")
	}
	words := strings.Fields(line)
	if len(words) == 0 {
		words = []string{"help"}
	}
	var out bytes.Buffer
	err := m.command(words, &out)
	m.touch()
	if errors.Is(err, ErrLeave) {
		m.finish(DetachShutdown)
		err = nil
	}
	if err != nil {
		if m.w.words {
			m.w.console(out.Bytes())
			return err
		}
		// gdb before 16 shows an E reply as "Protocol error", so the text goes where the user sees it.
		fmt.Fprintln(&out, err)
	}
	switch {
	case out.Len() == 0:
		return m.ok()
	case 2*out.Len() > m.opts.PacketSize:
		m.w.console(out.Bytes())
		return m.ok()
	}
	m.w.hexBytes(out.Bytes())
	return nil
}

// command runs one, or help.
func (m *monitor) command(words []string, out io.Writer) error {
	if words[0] == "help" {
		return m.help(words[1:], out)
	}
	c, err := m.findCommand(words[0])
	if err != nil {
		return err
	}
	if c == nil {
		return m.help(words[1:], out)
	}
	return c.Run(m.exact(m.general), words[1:], out)
}

// findCommand takes an exact name or a beginning that fits only one; nil stands for help.
func (m *monitor) findCommand(word string) (*Command, error) {
	var found []string
	var c *Command
	for i := range m.target.Monitor {
		name := m.target.Monitor[i].Name
		if name == word {
			return &m.target.Monitor[i], nil
		}
		if strings.HasPrefix(name, word) {
			c = &m.target.Monitor[i]
			found = append(found, name)
		}
	}
	if strings.HasPrefix("help", word) {
		c = nil
		found = append(found, "help")
	}
	switch len(found) {
	case 0:
		return nil, fmt.Errorf("unknown monitor command %q; \"monitor help\" lists them", word)
	case 1:
		return c, nil
	}
	return nil, fmt.Errorf("monitor command %q could be %s", word, strings.Join(found, ", "))
}

// help lists all commands, or those named.
func (m *monitor) help(names []string, out io.Writer) error {
	list := append([]Command{{Name: "help", Usage: "[COMMAND]", Help: "list the monitor commands, or say what one does"}},
		m.target.Monitor...)
	if len(names) > 0 {
		c, err := m.findCommand(names[0])
		if err != nil {
			return err
		}
		if c != nil {
			list = []Command{*c}
		} else {
			list = list[:1]
		}
	}
	width := 0
	for _, c := range list {
		width = max(width, len(c.synopsis()))
	}
	for _, c := range list {
		fmt.Fprintf(out, "%-*s  %s\n", width, c.synopsis(), c.Help)
	}
	return nil
}

func (c *Command) synopsis() string {
	if c.Usage == "" {
		return c.Name
	}
	return c.Name + " " + c.Usage
}
