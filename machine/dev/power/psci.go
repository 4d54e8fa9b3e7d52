package power

import "forkscope/machine/snapshot"

// PSCI function numbers (Arm DEN 0022, 5.1) and results.
const (
	psciVersion      = 0x8400_0000
	psciCPUSuspend   = 0x8400_0001
	psciCPUOff       = 0x8400_0002
	psciCPUOn        = 0x8400_0003
	psciAffinityInfo = 0x8400_0004
	psciMigrateInfo  = 0x8400_0006
	psciSystemOff    = 0x8400_0008
	psciSystemReset  = 0x8400_0009
	psciFeatures     = 0x8400_000a
	smc64            = 0x4000_0000 // set in the 64-bit variant of a function number

	psciSuccess      = 0
	psciNotSupported = ^uint64(0) // -1
	psciInvalidParam = ^uint64(1)
	psciDenied       = ^uint64(2)
	psciAlreadyOn    = ^uint64(3)

	psciVersion11   = 1<<16 | 1
	psciNoTrustedOS = 2
	// psciPowerDown are the bits of a power state that ask for more than standby (5.4.2, the original format).
	psciPowerDown = 0xfffe_0000
)

// exitStatus is a call of our own in the range of vendor-specific hypervisor services (Arm DEN 0028, 6.1): x1's low byte is the
// exit status that a later SYSTEM_OFF ends the run with. SYSTEM_OFF itself has no arguments, and most kernels leave something
// in x1. Other firmware does not know the number and answers -1.
const exitStatus = 0x8600_4653

// PSCI is the firmware behind the hvc instruction on the virt board, which has one CPU. It answers as QEMU's does.
type PSCI struct {
	End    Func
	status uint8 // of the next SYSTEM_OFF
}

// NewPSCI returns the firmware; a wish to end the run goes to end.
func NewPSCI(end Func) *PSCI { return &PSCI{End: end} }

// Call takes registers x0 to x3 of an hvc and puts the results into them: for a function that is not there, -1 (DEN 0028, 5.2). It
// reports true when the CPU is to wait for an interrupt before it goes on.
func (p *PSCI) Call(x *[4]uint64) (wait bool) {
	function := uint32(x[0])
	wait = function&^smc64 == psciCPUSuspend && x[1]&psciPowerDown == 0
	x[0] = p.call(function, x)
	return wait
}

func (p *PSCI) call(function uint32, x *[4]uint64) uint64 {
	switch function {
	case psciVersion:
		return psciVersion11
	case psciCPUSuspend, psciCPUSuspend | smc64:
		if x[1]&psciPowerDown != 0 {
			return psciInvalidParam
		}
		return psciSuccess
	case psciCPUOff: // the last processor; nobody could switch it on again
		return psciDenied
	case psciCPUOn, psciCPUOn | smc64:
		if x[1] != 0 || x[2]&3 != 0 {
			return psciInvalidParam
		}
		return psciAlreadyOn
	case psciAffinityInfo, psciAffinityInfo | smc64:
		if level := x[2]; level == 0 && x[1] != 0 {
			return psciInvalidParam
		}
		return 0 // on
	case psciMigrateInfo:
		return psciNoTrustedOS
	case psciSystemOff:
		p.End(Request{Off, p.status, "PSCI SYSTEM_OFF"})
		return psciSuccess
	case psciSystemReset:
		p.End(Request{Reset, 0, "PSCI SYSTEM_RESET"})
		return psciSuccess
	case psciFeatures:
		switch uint32(x[1]) {
		case psciVersion, psciCPUSuspend, psciCPUSuspend | smc64, psciCPUOff, psciCPUOn, psciCPUOn | smc64, psciAffinityInfo,
			psciAffinityInfo | smc64, psciMigrateInfo, psciSystemOff, psciSystemReset, psciFeatures:
			return psciSuccess
		}
	case exitStatus:
		p.status = uint8(x[1])
		return psciSuccess
	}
	return psciNotSupported
}

// State goes over the exit status to come.
func (p *PSCI) State(v *snapshot.Visitor) {
	v.Section("psci")
	snapshot.Uint(v, "status", &p.status)
}
