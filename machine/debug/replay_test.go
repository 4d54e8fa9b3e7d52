package debug

import (
	"testing"

	"forkscope/machine"
	"forkscope/machine/debug/debugtest"
)

func closeRepeated(t testing.TB, config machine.Config, m *machine.Machine) {
	debugtest.CloseRepeated(t, config, m)
}
