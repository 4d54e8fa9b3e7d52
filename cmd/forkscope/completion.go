package main

import (
	"fmt"
	"io"
	"strings"
	"text/template"

	"forkscope/machine/cpu/arch"

	"github.com/urfave/cli/v2"
)

// values are the values of flags that have a few.
var values = map[string]string{"arch": strings.Join(arch.Names(), " "), "view": "kernel process both", "pace": "real none", "debug-format": "all none timestamp"}

// completed is a flag as the shells complete it.
type completed struct {
	Name, Usage string
	Value       string // what stands for its value, "" if it has none
	Words       string // the values, if they are few
	Dir         bool   // the value is a directory
}

// completedCommand is a command as the shells complete it.
type completedCommand struct {
	Name, Usage string
	Flags       []completed
	Words       string // its arguments, if they are few
	Files       bool   // arguments are files
}

func completionsOf(app *cli.App) []completedCommand {
	var all []string
	for _, c := range app.VisibleCommands() {
		all = append(all, c.Name)
	}
	var commands []completedCommand
	for _, c := range app.VisibleCommands() {
		cc := completedCommand{Name: c.Name, Usage: c.Usage, Flags: []completed{{Name: "help", Usage: "show help"}}}
		for _, f := range c.VisibleFlags() {
			doc, ok := f.(cli.DocGenerationFlag)
			if !ok || f.Names()[0] == "help" {
				continue
			}
			one := completed{Name: f.Names()[0], Usage: strings.ReplaceAll(doc.GetUsage(), "`", "")}
			if doc.TakesValue() {
				_, one.Value, _ = strings.Cut(sample(c.Flags, one.Name), " ")
				one.Words, one.Dir = values[one.Name], one.Value == "DIR"
			}
			cc.Flags = append(cc.Flags, one)
		}
		switch c.Name {
		case "help":
			cc.Words = strings.Join(all, " ")
		case "completion":
			cc.Words = "bash zsh fish"
		case "run", "gdbserver":
			cc.Files = true
		}
		commands = append(commands, cc)
	}
	return commands
}

// quoted makes a word of a shell of any text.
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// zshText is a description in an argument of zsh's _arguments, where brackets and colons mean something.
func zshText(s string) string {
	return strings.NewReplacer("[", `\[`, "]", `\]`, ":", `\:`).Replace(s)
}

// completionText has a template for each shell.
const completionText = `
{{- define "bash"}}# bash completion for forkscope: source <(forkscope completion bash)
_forkscope() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} flags= words= files=
	COMPREPLY=()
	if [ "$COMP_CWORD" = 1 ]; then
		COMPREPLY=($(compgen -W "{{range .}}{{.Name}} {{end}}--help --version" -- "$cur"))
		return
	fi
	case ${COMP_WORDS[1]} in
{{- range .}}
	{{.Name}})
		case $prev in
{{- range .Flags}}{{if .Words}}
		--{{.Name}}) COMPREPLY=($(compgen -W "{{.Words}}" -- "$cur")); return ;;
{{- else if .Dir}}
		--{{.Name}}) COMPREPLY=($(compgen -d -- "$cur")); return ;;
{{- else if .Value}}
		--{{.Name}}) COMPREPLY=($(compgen -f -- "$cur")); return ;;
{{- end}}{{end}}
		esac
		flags="{{range .Flags}}--{{.Name}} {{end}}" words="{{.Words}}"{{if .Files}} files=1{{end}}
		;;
{{- end}}
	esac
	case $cur in
	-*) COMPREPLY=($(compgen -W "$flags" -- "$cur")) ;;
	*) COMPREPLY=($(compgen -W "$words" ${files:+-f} -- "$cur")) ;;
	esac
}
complete -o filenames -F _forkscope forkscope
{{end}}

{{- define "zsh"}}#compdef forkscope
# zsh completion for forkscope: source <(forkscope completion zsh)
_forkscope() {
	if (( CURRENT == 2 )); then
		local -a commands=({{range .}}
			{{q (printf "%s:%s" .Name .Usage)}}{{end}}
		)
		_describe command commands
		return
	fi
	local command=$words[2]
	shift words
	(( CURRENT-- ))
	case $command in
{{- range .}}
	{{.Name}})
		_arguments -S \
{{- range .Flags}}
			{{if .Value}}{{q (printf "--%s=[%s]:%s:%s" .Name (z .Usage) .Value (or (and .Words (printf "(%s)" .Words)) (and .Dir "_directories") "_files"))}}{{else}}{{q (printf "--%s[%s]" .Name (z .Usage))}}{{end}} \
{{- end}}
			{{if .Words}}'*:word:({{.Words}})'{{else if .Files}}'*:file:_files'{{else}}'*:nothing:'{{end}}
		;;
{{- end}}
	esac
}
compdef _forkscope forkscope
{{end}}

{{- define "fish"}}# fish completion for forkscope: forkscope completion fish | source
complete -c forkscope -n __fish_use_subcommand -f
complete -c forkscope -n __fish_use_subcommand -l help -d 'show help'
complete -c forkscope -n __fish_use_subcommand -l version -d 'print the version'
{{- range .}}{{$command := .Name}}
complete -c forkscope -n __fish_use_subcommand -a {{.Name}} -d {{q .Usage}}
{{- if .Words}}
complete -c forkscope -n '__fish_seen_subcommand_from {{.Name}}' -f -a {{q .Words}}
{{- end}}
{{- range .Flags}}
complete -c forkscope -n '__fish_seen_subcommand_from {{$command}}' -l {{.Name}} -d {{q .Usage}}{{if .Words}} -x -a {{q .Words}}{{else if .Dir}} -x -a '(__fish_complete_directories)'{{else if .Value}} -r{{end}}
{{- end}}{{end}}
{{end}}`

func completionCommand(stdout io.Writer) *cli.Command {
	return &cli.Command{
		Name:            "completion",
		Usage:           "print what makes a shell complete this command: source <(forkscope completion bash)",
		ArgsUsage:       "bash|zsh|fish",
		HideHelpCommand: true,
		OnUsageError:    flagError,
		Action: func(c *cli.Context) error {
			shell := c.Args().First()
			templates := template.Must(template.New("").Funcs(template.FuncMap{"q": quoted, "z": zshText}).Parse(completionText))
			if c.NArg() != 1 || templates.Lookup(shell) == nil || shell == "" {
				return usagef("completion: for which shell? Write forkscope completion bash, zsh or fish")
			}
			if err := templates.ExecuteTemplate(stdout, shell, completionsOf(c.App)); err != nil {
				return fmt.Errorf("completion: %w", err)
			}
			return nil
		},
	}
}
