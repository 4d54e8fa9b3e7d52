package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// streamSize is how many bytes pass in one measurement of a program's streams.
const streamSize = 64 << 20

// copier is the command line that runs the guest's cat, in blocks of 4 KiB, for the host's files.
func (b *bench) copier(g *guest, e *emulator, args ...string) ([]string, error) {
	archive, err := os.ReadFile(g.initrd)
	if err != nil {
		return nil, err
	}
	cat, err := findInArchive(archive, "bin/cat")
	if err != nil {
		return nil, fmt.Errorf("%s: %w", g.initrd, err)
	}
	file := filepath.Join(b.temp, "cat-"+g.arch)
	if err := os.WriteFile(file, cat, 0o755); err != nil {
		return nil, err
	}
	argv := []string{targets[g.arch].user, file}
	if e.name != "QEMU" {
		argv = []string{e.command(g, boot{})[0], "run", file}
	}
	return append(argv, args...), nil
}

// prepareInput measures how fast a program reads a pipe.
func prepareInput(ctx context.Context, b *bench, g *guest, e *emulator) (*measurement, error) {
	argv, err := b.copier(g, e)
	if err != nil {
		return nil, err
	}
	return &measurement{run: func() (float64, error) {
		ctx, cancel := context.WithTimeout(ctx, guestTimeout)
		defer cancel()
		cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
		in, err := cmd.StdinPipe()
		if err != nil {
			return 0, err
		}
		start := time.Now()
		if err := cmd.Start(); err != nil {
			return 0, err
		}
		_, sent := io.CopyN(in, zeros{}, streamSize)
		in.Close()
		if err := cmd.Wait(); err != nil {
			return 0, err
		}
		return streamSize / time.Since(start).Seconds() / 1e6, sent
	}}, nil
}

// prepareOutput measures how fast a program writes to a pipe, whose reader leaves after streamSize bytes.
func prepareOutput(ctx context.Context, b *bench, g *guest, e *emulator) (*measurement, error) {
	argv, err := b.copier(g, e, "/dev/zero")
	if err != nil {
		return nil, err
	}
	return &measurement{run: func() (float64, error) {
		ctx, cancel := context.WithTimeout(ctx, guestTimeout)
		defer cancel()
		cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
		out, err := cmd.StdoutPipe()
		if err != nil {
			return 0, err
		}
		start := time.Now()
		if err := cmd.Start(); err != nil {
			return 0, err
		}
		_, err = io.CopyN(io.Discard, out, streamSize)
		took := time.Since(start)
		out.Close()
		cmd.Wait() // it dies of SIGPIPE
		return streamSize / took.Seconds() / 1e6, err
	}}, nil
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
