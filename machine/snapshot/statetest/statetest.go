// Package statetest finds fields of a part's struct that its State has forgotten.
package statetest

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"forkscope/machine/snapshot"
)

// Complete fails for each field of the struct that part points to which part.State does not visit and notState does not name, with the reason why it is
// not state: it is worked out from others, or the host's, or wiring. The name of a field of a field is joined by a dot; an element of an array has the
// array's name; a name covers what is below it. Functions and interfaces are always wiring, and so are fields of the types that wiring lists, as
// Go prints them.
func Complete(t *testing.T, part snapshot.Part, notState map[string]string, wiring ...string) {
	t.Helper()
	w := &walk{t: t, notState: notState, wiring: wiring, used: make(map[string]bool)}
	v := snapshot.NewTrace(func(_ string, p any) {
		from, to := snapshot.Covered(p)
		w.visited = append(w.visited, span{from, to})
	})
	part.State(v)
	if v.Err() != nil {
		t.Fatal(v.Err())
	}
	w.fields("", reflect.ValueOf(part).Elem())
	for name := range notState {
		if !w.used[name] {
			t.Errorf("%T: %s is visited, or not there; it needs no reason", part, name)
		}
	}
}

type span struct{ from, to uintptr }

type walk struct {
	t        *testing.T
	visited  []span
	notState map[string]string
	wiring   []string
	used     map[string]bool
	told     string
}

// fields looks at x, whose name is name.
func (w *walk) fields(name string, x reflect.Value) {
	from, to := x.UnsafeAddr(), x.UnsafeAddr()+x.Type().Size()
	for _, s := range w.visited {
		if s.from <= from && to <= s.to {
			return
		}
	}
	if _, ok := w.notState[name]; ok {
		w.used[name] = true
		return
	}
	if slices.Contains(w.wiring, x.Type().String()) {
		return
	}
	switch x.Kind() {
	case reflect.Func, reflect.Interface:
	case reflect.Struct:
		for i := range x.NumField() {
			w.fields(strings.TrimPrefix(name+"."+x.Type().Field(i).Name, "."), x.Field(i))
		}
	case reflect.Array:
		for i := range x.Len() {
			w.fields(name, x.Index(i))
		}
	case reflect.Slice:
		if x.Type().Elem().Kind() == reflect.Struct { // as many as there are when the part is made
			for i := range x.Len() {
				w.fields(name, x.Index(i))
			}
			return
		}
		fallthrough
	default:
		if name != w.told { // once for an array
			w.told = name
			w.t.Errorf("%s, of type %v, is neither visited nor explained", name, x.Type())
		}
	}
}
