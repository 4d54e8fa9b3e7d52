package gdbstub

import "bytes"

// handler answers one request, whose arguments follow its name: it writes its reply and returns nil, or returns an error and what it wrote is
// dropped. ErrUnsupported makes the empty reply, any other an error reply.
type handler func(rest []byte) error

// requests finds the handler of a request. Each part of a session registers its own. Letters has those named by one letter; names those with a
// name, which ends at the first of ":;,?=". What is in neither gets the empty reply, which tells the client that it doesn't exist.
type requests struct {
	letters [256]handler
	names   map[string]handler
}

func (r *requests) init() { r.names = make(map[string]handler, 64) }

// threadStopInfoName is lldb's question about one thread, which follows its name without a mark between them.
const threadStopInfoName = "qThreadStopInfo"

// find gives the handler of a request, nil if there is none, and its arguments.
func (r *requests) find(payload []byte) (handler, []byte) {
	if len(payload) == 0 {
		return nil, nil
	}
	switch payload[0] {
	case 'q', 'Q', 'v':
		if rest, ok := bytes.CutPrefix(payload, []byte(threadStopInfoName)); ok {
			return r.names[threadStopInfoName], rest
		}
		name := payload
		if i := bytes.IndexAny(payload, ":;,?="); i >= 0 {
			name = payload[:i]
		}
		return r.names[string(name)], payload[len(name):]
	}
	return r.letters[payload[0]], payload[1:]
}
