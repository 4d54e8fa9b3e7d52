// Package i386 plays the scripts of inferiors on the i386 machine.
package i386

import (
	"testing"

	"forkscope/cmd/forkscope/inferiors"
)

func TestMain(m *testing.M) { inferiors.Main(m) }

func TestInferiors(t *testing.T) { inferiors.Scripts(t, "i386") }

func TestInferiorsBadInput(t *testing.T) { inferiors.BadInput(t, "i386") }
