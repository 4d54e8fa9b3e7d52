package gdbstub

// letterHandlers has the requests named by one letter; namedHandlers those with a name, which ends at the first of
// ":;,?=". What is in neither gets the empty reply, which tells the client that it doesn't exist.
var letterHandlers [256]handler

var namedHandlers map[string]handler

// The tables are filled here because handlers refer to the session, which refers to the tables.
func init() {
	for c, h := range map[byte]handler{
		'!': (*Session).extendedMode,
		'?': (*Session).lastStop,
		'c': (*Session).oldContinue,
		'C': (*Session).oldContinueSignal,
		'D': (*Session).detach,
		'g': (*Session).readRegisters,
		'G': (*Session).writeRegisters,
		'H': (*Session).selectThread,
		'k': (*Session).kill,
		'm': (*Session).readMemoryHex,
		'M': (*Session).writeMemoryHex,
		'p': (*Session).readRegister,
		'P': (*Session).writeRegister,
		'R': (*Session).restart,
		's': (*Session).oldStep,
		'S': (*Session).oldStepSignal,
		'T': (*Session).threadAlive,
		'x': (*Session).readMemoryBinary,
		'X': (*Session).writeMemoryBinary,
		'z': (*Session).removeBreakpoint,
		'Z': (*Session).insertBreakpoint,
	} {
		letterHandlers[c] = h
	}
	namedHandlers = map[string]handler{
		"qSupported":       (*Session).supported,
		"QStartNoAckMode":  (*Session).startNoAckMode,
		"qAttached":        (*Session).attached,
		"qC":               (*Session).currentThread,
		"qCRC":             (*Session).checksum,
		"qfThreadInfo":     (*Session).firstThreads,
		"qsThreadInfo":     (*Session).nextThreads,
		"qThreadExtraInfo": (*Session).threadExtra,
		"qXfer":            (*Session).transfer,
		"qRcmd":            (*Session).monitor,
		"qqemu.Supported":  (*Session).qemuSupported,
		"qqemu.sstepbits":  (*Session).stepBits,
		"qqemu.sstep":      (*Session).stepMask,
		"Qqemu.sstep":      (*Session).setStepMask,
		"qqemu.PhyMemMode": (*Session).physicalMode,
		"Qqemu.PhyMemMode": (*Session).setPhysicalMode,
		"vCont":            (*Session).vCont,
		"vFile":            (*Session).file,
		"vAttach":          (*Session).attach,
		"vKill":            (*Session).vKill,
		"vRun":             (*Session).vRun,
		"vStopped":         (*Session).nextNotified,
		"vCtrlC":           (*Session).interrupt,
		"vMustReplyEmpty":  nil,

		"QThreadSuffixSupported": (*Session).threadSuffix,

		"QNonStop":        (*Session).setNonStop,
		"QThreadEvents":   (*Session).threadEvents,
		"QCatchSyscalls":  (*Session).catchSyscalls,
		"QPassSignals":    (*Session).passSignals,
		"QProgramSignals": (*Session).programSignals,
		"qGetTLSAddr":     (*Session).tlsAddress,
		"qSearch":         (*Session).search,

		"QStartupWithShell":      (*Session).startupWithShell,
		"QDisableRandomization":  (*Session).disableRandomization,
		"QEnvironmentHexEncoded": (*Session).setEnvironment,
		"QEnvironmentUnset":      (*Session).unsetEnvironment,
		"QEnvironmentReset":      (*Session).resetEnvironment,
		"QSetWorkingDir":         (*Session).setWorkingDir,
	}
}
