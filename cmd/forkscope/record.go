package main

import (
	"fmt"
	"os"

	"forkscope/guests"
	"forkscope/kernel"
	"forkscope/machine"
	"forkscope/machine/timeline"

	"github.com/urfave/cli/v2"
)

const recordUsage = "write to `FILE` what forkscope replay needs to repeat the run; earlier runs of the same command go to FILE.1, FILE.2, ..."

// recorder writes the log of each machine of a command.
type recorder struct {
	path    string
	earlier int // runs before this one
	config  machine.Config
	machine *machine.Machine // nil before the first
}

// newRecorder makes the file, so that what keeps it from being written is known at once; nil without a path.
func newRecorder(path string) (*recorder, error) {
	if path == "" {
		return nil, nil
	}
	f, err := os.Create(path)
	if err != nil {
		return nil, fileError(path, err)
	}
	f.Close()
	return &recorder{path: path}, nil
}

// begin is called when a machine has been made, and is about to take the place of the one before.
func (r *recorder) begin(config machine.Config, m *machine.Machine) error {
	if r == nil {
		return nil
	}
	var err error
	if r.machine != nil {
		r.earlier++
		err = r.write(fmt.Sprintf("%s.%d", r.path, r.earlier))
	}
	r.config, r.machine = config, m
	return err
}

// end writes the run's log, when the machine runs no more.
func (r *recorder) end() error {
	if r == nil || r.machine == nil {
		return nil
	}
	return r.write(r.path)
}

func (r *recorder) write(path string) error {
	f, err := os.Create(path)
	if err != nil {
		return fileError(path, err)
	}
	log := timeline.File{Header: header(r.config), Parts: parts(r.config), Log: r.machine.Log(), Digest: r.machine.Digest()}
	err = log.Write(f)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return fileError(path, err)
	}
	return nil
}

// header describes a machine of this forkscope's: another one may do the same things in another way.
func header(c machine.Config) timeline.Header {
	return append(timeline.Header{{Name: "forkscope", Value: build()}}, c.Header()...)
}

// parts are the files that the machine is made of, but for those that every forkscope has.
func parts(c machine.Config) map[string][]byte {
	p := make(map[string][]byte)
	if own, err := kernel.Image(c.Arch); c.Kernel != nil && (err != nil || string(own) != string(c.Kernel)) {
		p["kernel"] = c.Kernel
	}
	if c.BIOS != nil {
		p["bios"] = c.BIOS
	}
	own, err := guests.Initramfs(c.Arch)
	for i, archive := range c.Initrd {
		if err != nil || string(own) != string(archive) {
			p[initialFile(i)] = archive
		}
	}
	return p
}

func initialFile(i int) string { return fmt.Sprintf("initial files %d", i) }

func recordFlag() *cli.StringFlag { return &cli.StringFlag{Name: "record", Usage: recordUsage} }
