package debug

import "forkscope/gdbstub"

// OSTables implements gdbstub.OSData.
func (d *Debugger) OSTables() []gdbstub.OSTable { return nil }

// OSData implements gdbstub.OSData.
func (d *Debugger) OSData(name string) (gdbstub.OSTable, error) {
	return gdbstub.OSTable{}, gdbstub.ErrNotFound
}
