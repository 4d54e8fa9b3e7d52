package main

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"sync"

	"forkscope/machine"
	view "forkscope/machine/debug"

	"github.com/u-root/u-root/pkg/cpio"
)

// requests are how further programs are started in a guest that lives: by a port of its virtio console that init reads, which has their form
// (guests/src/init.c). What a program needs comes with its request, since the initial file system was made for the first one.
type requests struct {
	mu    sync.Mutex
	more  *sync.Cond
	queue []byte
}

// requestsPort is the port's name.
const requestsPort = "requests"

// takeRequests gives the guest, before its first machine, the port for further programs. Only our own init reads it.
func (g *guest) takeRequests() {
	g.requests = &requests{}
	g.requests.more = sync.NewCond(&g.requests.mu)
	g.words = append(g.words, requestsPort+"=/dev/vport0p"+strconv.Itoa(len(g.config.Streams)))
	g.config.Streams = append(g.config.Streams, machine.Stream{Name: requestsPort, In: machine.NewInput(g.requests, false), Background: true})
}

// Read implements io.Reader. It waits for a request, and does not end.
func (r *requests) Read(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(r.queue) == 0 {
		r.more.Wait()
	}
	n := copy(p, r.queue)
	r.queue = r.queue[n:]
	return n, nil
}

func (r *requests) send(request []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.queue = append(r.queue, request...)
	r.more.Signal()
}

// forget drops what a machine that is gone has not read.
func (r *requests) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.queue = nil
}

// errNoRequests is a further program in a guest whose init is not ours.
var errNoRequests = errors.New("this guest's init takes no requests, so no further program can be started beside the ones that live")

// spawn asks the guest that lives to run a further program, which it does when it runs next. It sets the path in the guest of what is executed.
func (g *guest) spawn(want *view.Start) error {
	err := g.spawnBeside(want)
	if err != nil && err != errNoProgram && g.refused != nil {
		g.refused(err)
	}
	return err
}

func (g *guest) spawnBeside(want *view.Start) error {
	if g.requests == nil {
		return errNoRequests
	}
	s, err := g.wanted(want, false)
	if err != nil {
		return err
	}
	if s.program == nil {
		return errNoProgram
	}
	l := newLayout(g, g.files.present)
	if err := l.placeProgram(s); err != nil {
		return err
	}
	if s.dir != "" {
		if err := l.directories(s.dir); err != nil {
			return err
		}
	}
	if p := s.program; p.file != "" && !bytes.Equal(g.files.present[p.path[1:]].Data, p.data) {
		l.add(p.path, p.data, 0o755)
	}
	archive, err := writeArchive(l.records, 1<<20)
	if err != nil {
		return err
	}
	if have, need := g.machine().RAM().Size()/2, pages(g.files.present)+uint64(len(archive)); need > have {
		return fmt.Errorf("%s: too large for the guest that runs, which has room for %dM of files (see --memory)", s.program.name, have>>20)
	}
	request, err := l.request(s)
	if err != nil {
		return err
	}
	g.know(archive)
	g.requests.send(request)
	g.first.program, g.last = s.program, s.program.name
	return nil
}

// request is what asks init to take the files of a layout and to run the program of a start.
func (l *layout) request(s start) ([]byte, error) {
	var b bytes.Buffer
	say := func(words ...string) {
		for _, w := range words {
			b.WriteString(zeroEnded([]string{w}))
		}
	}
	for _, rec := range l.records {
		contents := make([]byte, rec.FileSize)
		if len(contents) > 0 {
			if n, err := rec.ReadAt(contents, 0); n < len(contents) {
				return nil, fmt.Errorf("%s: %w", rec.Name, err)
			}
		}
		switch at := "/" + rec.Name; rec.Mode & cpio.S_IFMT {
		case cpio.S_IFDIR:
			say("mkdir=" + at)
		case cpio.S_IFLNK:
			say("link="+at, string(contents))
		default:
			say(fmt.Sprintf("file=%o %d %s", rec.Mode&0o777, len(contents), at))
			b.Write(contents)
		}
	}
	say(l.guest.how(s)...)
	for _, word := range append([]string{s.program.name}, s.args...) {
		say("arg=" + word)
	}
	say("")
	return b.Bytes(), nil
}
