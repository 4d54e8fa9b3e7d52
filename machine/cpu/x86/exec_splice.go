//go:build splice

package x86

// With the tag splice, exec_unsafe.go is left out so that it can be written anew whatever it holds.

var hotForms []form

func (c *CPU) exec(b *block) { c.execPlain(b) }
