package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// killedBy is the cause of the end when the host's user sent a signal.
type killedBy struct{ syscall.Signal }

func (k killedBy) Error() string { return "ended by " + k.String() }

// lastResort is how long the command may take to end by itself after a signal, whatever it is at; slowResort where it has the log of a run to write. A
// second signal ends it at once.
const (
	lastResort = 900 * time.Millisecond
	slowResort = time.Minute
)

func (g *guest) lastResort() time.Duration {
	if g.recorder != nil {
		return slowResort
	}
	return lastResort
}

// Signals end the command in good order, or at once as they do a command that does not handle them, or stop it for a while.
var (
	endingSignals  = []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP}
	deadlySignals  = []os.Signal{syscall.SIGQUIT, syscall.SIGILL, syscall.SIGTRAP, syscall.SIGABRT, syscall.SIGBUS, syscall.SIGFPE, syscall.SIGSEGV, syscall.SIGSYS}
	pausingSignals = []os.Signal{syscall.SIGTSTP, syscall.SIGCONT}
)

// watchSignals sees to the signals that the host's user sends until stop is called. poke makes the server look at ctx's end, for which the command has patience. The terminal is given back,
// if the command has taken it, on every way out.
func watchSignals(cancel context.CancelCauseFunc, poke func(), t *terminal, patience time.Duration) (stop func()) {
	c := make(chan os.Signal, 4)
	signal.Notify(c, endingSignals...)
	if t != nil {
		signal.Notify(c, append(deadlySignals, pausingSignals...)...)
	}
	go func() {
		defer t.guard()
		var last *time.Timer
		for sig := range c {
			switch sig {
			case syscall.SIGTSTP:
				t.lend()
				raise(syscall.SIGSTOP)
			case syscall.SIGCONT:
				t.takeAgain()
			case os.Interrupt, syscall.SIGTERM, syscall.SIGHUP:
				status := 128 + int(sig.(syscall.Signal))
				die := func() {
					t.giveBack()
					os.Exit(status)
				}
				if last != nil {
					die()
				}
				last = time.AfterFunc(patience, die)
				cancel(killedBy{sig.(syscall.Signal)})
				poke()
			default:
				t.giveBack()
				signal.Reset(sig)
				raise(sig.(syscall.Signal))
			}
		}
		if last != nil {
			last.Stop()
		}
	}()
	return func() { signal.Stop(c); close(c) }
}

func raise(s syscall.Signal) { syscall.Kill(os.Getpid(), s) }
