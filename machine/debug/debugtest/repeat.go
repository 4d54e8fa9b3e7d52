package debugtest

import (
	"testing"

	"forkscope/machine"
)

// CloseRepeated closes m when the test is over. Before that its run, and all that the test's debugger has done to it, is repeated from the log by a machine
// that has no debugger, and must come to the same state.
func CloseRepeated(t testing.TB, config machine.Config, m *machine.Machine) {
	config.Console = nil
	t.Cleanup(func() {
		defer m.Close()
		if t.Failed() {
			return
		}
		again, stop, err := machine.Repeat(config, m.Log())
		if err != nil {
			t.Fatal(err)
		}
		defer again.Close()
		if stop.Reason == machine.Diverged {
			t.Errorf("replay: %s", stop.Message())
		} else if again.Digest() != m.Digest() {
			t.Errorf("a replay of the %d effects of the log ends at %v in another state, live at %v", m.Log().Len(), again.Clock().Mark(), m.Clock().Mark())
		}
	})
}
