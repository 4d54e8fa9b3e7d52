package x86

// Integer and system kinds. The eight of each ALU and shift group are in the order of their ModRM.reg encoding.
const (
	kUD Kind = kindInt + iota // no instruction: raises #UD
	kTooLong

	kADD
	kOR
	kADC
	kSBB
	kAND
	kSUB
	kXOR
	kCMP

	kROL
	kROR
	kRCL
	kRCR
	kSHL
	kSHR
	kSAL
	kSAR

	kTEST
	kNOT
	kNEG
	kMUL
	kIMUL
	kDIV
	kIDIV
	kINC
	kDEC

	kIMULRegRM
	kIMULRegRMImm
	kSHLD
	kSHRD
	kBT
	kBTS
	kBTR
	kBTC
	kBSF
	kBSR
	kPOPCNT
	kCRC32
	kMOV
	kMOVZX8
	kMOVZX16
	kMOVSX8
	kMOVSX16
	kMOVSX32
	kMOVImm64
	kLEA
	kXCHG
	kXADD
	kCMPXCHG
	kCMPXCHG8B
	kCMPXCHG16B
	kBSWAP
	kSETcc
	kCMOVcc
	kCBW
	kCWD
	kXLAT
	kLAHF
	kSAHF
	kSALC
	kCLC
	kSTC
	kCMC
	kCLD
	kSTD
	kDAA
	kDAS
	kAAA
	kAAS
	kAAM
	kAAD
	kNOP
	kNOPRM

	kPUSHReg
	kPUSHRM
	kPUSHImm
	kPOPReg
	kPOPRM
	kPUSHA
	kPOPA
	kPUSHF
	kPOPF
	kPUSHSeg
	kPOPSeg
	kENTER
	kLEAVE

	kMOVS
	kCMPS
	kSTOS
	kLODS
	kSCAS
	kINS
	kOUTS

	kJMP
	kJcc
	kCALL
	kJMPRM
	kCALLRM
	kRET
	kLOOPNE
	kLOOPE
	kLOOP
	kJCXZ
	kJMPFar
	kCALLFar
	kJMPFarMem
	kCALLFarMem
	kRETF
	kINT
	kINT3
	kINT1
	kINTO
	kIRET
	kBOUND
	kSYSENTER
	kSYSEXIT
	kSYSCALL
	kSYSRET
	kSWAPGS
	kBASE
	kCLAC
	kXGETBV
	kXSETBV
	kXSAVE
	kXRSTOR
	kRDPKRU
	kWRPKRU
	kRDTSCP
	kINVPCID
	kINCSSP
	kRDSSP
	kRSTORSSP
	kSAVEPREVSSP
	kWRSS

	kMOVFromSeg
	kMOVToSeg
	kLoadFar // LES LDS LSS LFS LGS
	kARPL
	kLAR
	kLSL
	kVERR
	kVERW
	kSLDT
	kSTR
	kLLDT
	kLTR
	kSGDT
	kSIDT
	kLGDT
	kLIDT
	kSMSW
	kLMSW
	kINVLPG
	kCLTS
	kMOVFromCR
	kMOVToCR
	kMOVFromDR
	kMOVToDR
	kCLI
	kSTI
	kHLT
	kIN
	kOUT
	kCPUID
	kRDTSC
	kRDMSR
	kWRMSR
	kRDPMC
	kINVD
	kWBINVD

	kExit     // end of a block after an instruction that set c.ip
	kExitNext // end of a block: go on at the next instruction
)

// Operand forms, in Op.Sub, of instructions with two operands.
const (
	formRMReg  = iota // r/m, reg
	formRegRM         // reg, r/m
	formRMImm         // r/m, immediate
	formRegImm        // reg, immediate
	formRMOne         // shifts: by 1
	formRMCL          // shifts: by CL
	formAccMem        // MOV accumulator, moffs
	formMemAcc        // MOV moffs, accumulator
)
