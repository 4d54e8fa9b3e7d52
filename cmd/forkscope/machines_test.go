package main

import (
	"reflect"
	"testing"

	"forkscope/guests"
	"forkscope/kernel"
	"forkscope/machine/cpu/arch"
)

// Each architecture has its rows: the host's side, a kernel and an initial file system.
func TestMachinesAreWhole(t *testing.T) {
	for _, name := range arch.Names() {
		v := reflect.ValueOf(hosts[name])
		for i := range v.NumField() {
			if v.Field(i).IsZero() {
				t.Errorf("%s: %s is not said", name, v.Type().Field(i).Name)
			}
		}
		if k, err := kernel.Image(name); err != nil || len(k) == 0 {
			t.Errorf("%s: a kernel of %d bytes: %v", name, len(k), err)
		}
		if files, err := guests.Initramfs(name); err != nil || len(files) == 0 {
			t.Errorf("%s: initial files of %d bytes: %v", name, len(files), err)
		}
	}
}
