// Package x86_64 plays the scripts of inferiors on the x86_64 machine.
package x86_64

import (
	"testing"

	"forkscope/cmd/forkscope/inferiors"
)

func TestMain(m *testing.M) { inferiors.Main(m) }

func TestInferiors(t *testing.T) { inferiors.Scripts(t, "x86_64") }

func TestInferiorsBadInput(t *testing.T) { inferiors.BadInput(t, "x86_64") }
