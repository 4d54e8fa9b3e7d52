package power

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
	smcccVersion     = 0x8000_0000
	smc64            = 0x4000_0000 // set in the 64-bit variant of a function number

	psciNotSupported  = ^uint64(0) // -1
	psciInvalidParam  = ^uint64(1)
	psciDenied        = ^uint64(2)
	psciAlreadyOn     = ^uint64(3)
	psciVersion10     = 1 << 16
	psciNoTrustedOS   = 2
	smcccVersionValue = 1<<16 | 1
)

// PSCI answers the firmware calls (hvc) of the virt board, which has one CPU.
type PSCI struct{ End Func }

// Call takes registers x0 to x3 of an hvc and puts the results into them; it reports false for a function that is not PSCI's.
// SYSTEM_OFF takes the exit status from x1's low byte, which the specification leaves unused and kernels set to 0.
func (p PSCI) Call(x *[4]uint64) bool {
	function := uint32(x[0])
	if function&^smc64 == smcccVersion {
		x[0] = smcccVersionValue
		return true
	}
	if function&^uint32(smc64|0x1f) != 0x8400_0000 {
		return false
	}
	x[0] = p.call(function, x)
	return true
}

func (p PSCI) call(function uint32, x *[4]uint64) uint64 {
	switch function {
	case psciVersion:
		return psciVersion10
	case psciCPUOn, psciCPUOn | smc64:
		if x[1]&0xff_00ff_ffff != 0 {
			return psciInvalidParam
		}
		return psciAlreadyOn
	case psciCPUOff, psciCPUSuspend, psciCPUSuspend | smc64:
		return psciDenied
	case psciAffinityInfo, psciAffinityInfo | smc64:
		if x[1]&0xff_00ff_ffff != 0 {
			return psciInvalidParam
		}
		return 0 // on
	case psciMigrateInfo:
		return psciNoTrustedOS
	case psciSystemOff:
		p.End(Request{Off, uint8(x[1]), "PSCI SYSTEM_OFF"})
		return 0
	case psciSystemReset:
		p.End(Request{Reset, 0, "PSCI SYSTEM_RESET"})
		return 0
	case psciFeatures:
		switch uint32(x[1]) {
		case psciVersion, psciCPUOn, psciCPUOn | smc64, psciAffinityInfo, psciAffinityInfo | smc64,
			psciMigrateInfo, psciSystemOff, psciSystemReset, psciFeatures, smcccVersion:
			return 0
		}
	}
	return psciNotSupported
}
