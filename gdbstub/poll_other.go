//go:build !unix

package gdbstub

import "time"

// poller is not offered: connections are read ahead.
type poller struct{}

func newPoller(any) *poller { return nil }

func (*poller) wait(time.Duration) bool { return true }

func (*poller) hangUp() {}
