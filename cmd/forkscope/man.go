package main

import (
	"fmt"
	"io"
	"strings"
	"text/template"

	"github.com/urfave/cli/v2"
)

// roff makes text of the manual page's language: a backslash, and a dot or an apostrophe where a line begins, would be commands.
func roff(s string) string {
	s = strings.ReplaceAll(strings.TrimSpace(s), `\`, `\e`)
	s = strings.ReplaceAll(s, "-", `\-`)
	if s == "" {
		return ""
	}
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		if line = strings.TrimSpace(line); line == "" {
			line = ".PP"
		} else if line[0] == '.' || line[0] == '\'' {
			line = `\&` + line
		}
		lines[i] = line
	}
	return strings.Join(lines, "\n")
}

// roffFlag is a flag with its other names and its value, in bold and italics.
func roffFlag(f cli.Flag) string {
	var names []string
	for _, name := range f.Names() {
		dashes := "--"
		if len(name) == 1 {
			dashes = "-"
		}
		names = append(names, `\fB`+roff(dashes+name)+`\fR`)
	}
	text := strings.Join(names, ", ")
	if _, value, ok := strings.Cut(sample([]cli.Flag{f}, f.Names()[0]), " "); ok {
		text += ` \fI` + roff(value) + `\fR`
	}
	return text
}

func roffUsage(f cli.Flag) string {
	doc, ok := f.(cli.DocGenerationFlag)
	if !ok {
		return ""
	}
	return roff(strings.ReplaceAll(doc.GetUsage(), "`", ""))
}

// manText is a template of the page.
const manText = `.TH FORKSCOPE 1
.SH NAME
forkscope \- {{roff .Usage}}
.SH SYNOPSIS
{{range .VisibleCommands}}.B forkscope {{.Name}}
{{roff (printf "%s%s" (or (and (gt (len .VisibleFlags) 1) "[OPTION...] ") "") .ArgsUsage)}}
.br
{{end}}.SH DESCRIPTION
{{roff .Description}}
{{range .VisibleCommands}}.SH FORKSCOPE {{.Name}}
{{roff .Usage}}.
{{if .Description}}.PP
{{roff .Description}}
{{end}}{{range .VisibleFlags}}.TP
{{flag .}}
{{usage .}}
{{end}}{{end}}.SH EXIT STATUS
That of the program in the guest, or 128 and the number of the signal that ended it; 127 if there is no such program, 126 if it cannot be executed.
It is 2 for a mistake in the command line or in a file that it names, and 1 if the emulator cannot go on.
.SH SEE ALSO
.BR gdb (1),
.BR gdbserver (1)
`

func manCommand(stdout io.Writer) *cli.Command {
	return &cli.Command{
		Name:            "man",
		Usage:           "print the manual page: forkscope man >forkscope.1",
		HideHelpCommand: true,
		OnUsageError:    flagError,
		Action: func(c *cli.Context) error {
			page := template.Must(template.New("man").Funcs(template.FuncMap{"roff": roff, "flag": roffFlag, "usage": roffUsage}).Parse(manText))
			if err := page.Execute(stdout, c.App); err != nil {
				return fmt.Errorf("manual page: %w", err)
			}
			return nil
		},
	}
}
