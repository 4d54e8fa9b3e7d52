package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	view "forkscope/machine/debug"

	"github.com/u-root/u-root/pkg/cpio"
)

// maxRoot bounds what --root may hold, in bytes: the guest keeps its files in memory.
const maxRoot = 512 << 20

// takeRoot takes the files of a directory of the host for the guest. Without a directory there are none.
func (g *guest) takeRoot(dir string) (err error) {
	if g.files.root, err = readRoot(dir); err != nil {
		return err
	}
	g.files.given = view.FileTree{}
	if err := g.files.given.AddArchive(g.files.root); err != nil {
		return fmt.Errorf("--root: %w", err)
	}
	return nil
}

// readRoot makes a cpio archive of a directory of the host: files, directories and symbolic links with their permissions. What
// the guest has a file system of its own for is left out, and so is what is no file. Without a directory there is no archive.
func readRoot(dir string) ([]byte, error) {
	if dir == "" {
		return nil, nil
	}
	startCollector()
	info, err := os.Stat(dir)
	if err != nil {
		return nil, fileError(dir, err)
	}
	if !info.IsDir() {
		return nil, usagef("--root %s: not a directory", dir)
	}
	var records []cpio.Record
	var size int64
	// A directory's entries come in order of their names, so that equal directories give equal archives.
	err = filepath.WalkDir(filepath.Clean(dir)+"/", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return fileError(file, err)
		}
		name, err := filepath.Rel(dir, file)
		if err != nil || name == "." {
			return err
		}
		if d.IsDir() && hidden("/"+name) {
			return fs.SkipDir
		}
		info, err := d.Info()
		if err != nil {
			return fileError(file, err)
		}
		name = filepath.ToSlash(name)
		mode := uint64(info.Mode().Perm())
		switch info.Mode().Type() {
		case fs.ModeDir:
			records = append(records, cpio.Directory(name, mode))
		case fs.ModeSymlink:
			to, err := os.Readlink(file)
			if err != nil {
				return fileError(file, err)
			}
			records = append(records, cpio.Symlink(name, to))
		case 0:
			if size += info.Size(); size > maxRoot {
				return usagef("--root %s: holds more than %dM, which is too much for the guest's memory", dir, maxRoot>>20)
			}
			records = append(records, cpio.Record{
				ReaderAt: hostFile(file), Info: cpio.Info{Name: name, Mode: cpio.S_IFREG | mode, FileSize: uint64(info.Size())},
			})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	archive, err := writeArchive(records, 1<<24)
	if err != nil {
		return nil, fmt.Errorf("--root: %w", err)
	}
	return archive, nil
}

// underRoot puts the built-in files beside those of the user's root, which is unpacked first: where both have a file the user's stays, and
// where the root has a link for a directory, as for /bin, the files go where it leads.
func underRoot(builtIn []byte, root view.FileTree) ([]byte, error) {
	records, err := cpio.ReadAllRecords(cpio.Newc.Reader(bytes.NewReader(builtIn)))
	if err != nil {
		return nil, fmt.Errorf("initial file system: %w", err)
	}
	kept := records[:0]
	for _, rec := range records {
		rec.Name, _, _ = strings.Cut(rec.Name, "\x00")
		at, err := root.Resolve(rec.Name)
		if err != nil {
			return nil, fmt.Errorf("--root: %s: %w", rec.Name, err)
		}
		if _, both := root[at]; both && rec.Name != "init" {
			continue
		}
		rec.Name = at
		kept = append(kept, rec)
	}
	return writeArchive(kept, 1)
}
