//go:build splice

package x86

// With the tag splice, exec_unsafe.go and exec64_unsafe.go are left out so that they can be written anew whatever they hold.

var hotForms32, hotForms64 []form

func (c *CPU) exec32(b *block) { c.execPlain(b) }
func (c *CPU) exec64(b *block) { c.execPlain(b) }
