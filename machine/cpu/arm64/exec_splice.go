//go:build splice

package arm64

// While exec is written anew, interpret does its work.

var kindNames []string

func (c *CPU) exec(b *block, pc, now, stop uint64) { c.interpret(b, pc, now, stop) }
