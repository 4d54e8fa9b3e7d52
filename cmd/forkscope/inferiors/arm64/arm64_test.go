// Package arm64 plays the scripts of inferiors on the arm64 machine.
package arm64

import (
	"testing"

	"forkscope/cmd/forkscope/inferiors"
)

func TestMain(m *testing.M) { inferiors.Main(m) }

func TestInferiors(t *testing.T) { inferiors.Scripts(t, "arm64") }

func TestInferiorsBadInput(t *testing.T) { inferiors.BadInput(t, "arm64") }
