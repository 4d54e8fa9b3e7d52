package introspect

import (
	"debug/elf"
	"errors"
	"fmt"
	"slices"
	"strings"

	"forkscope/machine/cpu/arch"
)

// Types is where the names in a profile are looked up: the symbols and types of a kernel's image. An Image has the types of its
// DWARF.
type Types interface {
	// Symbol is the address of a function or variable, and Lookup the function or label that contains an address, and the offset in it.
	Symbol(name string) (addr uint64, ok bool)
	Lookup(addr uint64) (name string, offset uint64, ok bool)
	// Field finds a member of a named struct or union; path goes through nested structs ("thread.cpu_context.pc").
	Field(typ, path string) (Field, error)
	// Size is that of a named struct or union, and GlobalSize that of a variable, in bytes.
	Size(typ string) (int64, error)
	GlobalSize(variable string) (int64, error)
}

// Profile is what a family of kernels calls the things that are read here, and those of its numbers that are no interface of any
// Linux to programs. Where they lie follows from the image's types, so that a rebuilt kernel of the family needs no change.
type Profile struct {
	// Family is its name, for messages.
	Family string
	// SendSignal is the function, of a signal's number, its siginfo_t and a task, that queues a signal for a thread. It takes spinlocks only,
	// so that it may be called on a borrowed CPU.
	SendSignal string
	// ReturnPoint is code for that call to return to: nothing executes it once the kernel has booted. Panic is where a kernel
	// ends that cannot go on.
	ReturnPoint, Panic string

	hooks map[string]Hook
	// takesSignals is the function by which a task on its way to user mode takes the signals off its queue.
	takesSignals string

	variables  [variableCount]string
	structures [structureCount]string
	members    [memberCount]string // "struct.member"
	machines   map[elf.Machine]*machineNames
	numbers    numbers

	// findTask finds the task_struct of a pid above 0 without walking the list of all tasks.
	findTask func(r *reader, pid int32) (addr uint64)
}

// Flag is one of a task that is looked at on its way to user mode.
type Flag int

const (
	// FlagSignal: it may have a signal.
	FlagSignal Flag = iota
	// FlagYield: it is to give up the CPU, as at the end of its time slice.
	FlagYield
	flagCount
)

// numbers are a family's values.
type numbers struct {
	groupExit  uint64 // in signal_struct.flags: the whole process ends
	unhashed   uint64 // in dentry.d_flags: no name leads there any more
	pseudo     uint64 // in dentry.d_flags: the name is all of the path
	noExec     uint64 // in super_block.s_flags
	pidGroup   int64  // the index of a process group in task_struct.pids, and of a session
	pidSession int64
	minorBits  uint            // of a dev_t
	flags      [flagCount]uint // bits of thread_info.flags
}

// machineNames is what differs in a family between machines.
type machineNames struct {
	// linear is where the kernel has all RAM, the physical address 0 first; 0 is where its image is.
	linear uint64
	// members are those that this machine alone has.
	members map[member]string
	// switched are the members of task_struct with the registers of a task that is not on the CPU, by gdb's names.
	switched []place
	// frame, where it is not nil, is a structure on top of that task's kernel stack with the rest of them.
	frame *frameNames
	// parked is the code where such a task goes on; "" is where its frame says.
	parked string
	// user are the members of pt_regs, and kept those of task_struct that the kernel saves only when it switches to another task.
	user, kept []place
	// fp are those of task_struct with floating point and vectors; where there are none, the processor's own image is at taskFP (arch.FPImage).
	fp []place
}

// frameNames is a structure that a switch between tasks leaves on top of a kernel stack. The stack pointer is above it when the task goes on.
type frameNames struct {
	pointer, structure string // pointer is the member of task_struct that leads to it
	registers          []place
}

// place is where a register is kept. With a count it is so many registers of the same size, with numbers behind their name, from 0.
type place struct {
	register, path string
	count          int
}

// variable, structure and member name, for the code of this package, what a profile has the kernel's name of. The first ones, up
// to the constant at their end, are those that no task can be found without.
type (
	variable  uint8
	structure uint8
	member    uint8
)

// The kernel's variables and labels.
const (
	initTask variable = iota
	initStack
	retFromFork
	neededVariables
	pidHash variable = iota - 1
	initFS
	zeroPage
	memMap
	minLowPFN
	irqDesc
	mounts
	mountCount
	runQueue
	threadCount
	forkCount
	variableCount
)

// Structures whose size matters.
const (
	sizeTask structure = iota
	neededStructures
	sizePtRegs structure = iota - 1
	sizePIDLink
	sizeLimit
	sizeAction
	sizePage
	sizeIRQ
	structureCount
)

// Members of structures.
const (
	threadInfoTask member = iota
	taskState
	taskExitState
	taskExitCode
	taskFlags
	taskStack
	taskPID
	taskTGID
	taskComm
	taskMM
	taskTasks
	taskThreads
	taskLeader
	taskParent
	mmPGD
	neededMembers

	taskPrio member = iota - 1
	taskExitSignal
	taskUTime
	taskSTime
	taskStart
	taskMinFaults
	taskMajFaults
	taskVoluntary
	taskInvoluntary
	taskPending
	taskBlocked
	taskUID
	taskEUID
	taskSUID
	taskFSUID
	taskGID
	taskEGID
	taskSGID
	taskFSGID
	taskPIDs
	taskSignal
	taskHandlers
	taskFS
	taskFiles
	taskVForkDone

	pidNumber
	pidChain
	pidTasks
	linkNode
	linkPID

	signalThreads
	signalMinFaults
	signalMajFaults
	signalUTime
	signalSTime
	signalPending
	signalLimits
	signalFlags
	signalExitCode
	limitCurrent
	handlersAction
	actionHandler

	mmRanges
	mmExe
	mmStartBrk
	mmBrk
	mmStartStack
	mmArgStart
	mmArgEnd
	mmEnvStart
	mmEnvEnd
	mmAuxv
	mmTotal
	mmPeak
	mmLocked
	mmData
	mmExec
	mmStack
	mmRSS
	mmPeakRSS
	mmPTEs
	mmPMDs
	mmStartCode
	mmEndCode
	mmStartData
	mmEndData

	rangeStart
	rangeEnd
	rangeFlags
	rangeFile
	rangeOps
	rangeOffset
	rangeNext
	opsFault

	fileName
	fileInode
	filePosition
	fileFlags
	inodeFS
	inodeNumber
	inodeMode
	inodeSize
	inodePages
	inodePageCount
	inodePrivate
	fsDevice
	fsType
	fsFlags
	fsRoot

	nameFlags
	nameText
	nameLength
	nameParent
	nameInode
	nameCovers
	nameMounted
	nameSibling
	nameEntries

	dirsRoot
	dirsCurrent
	dirsUmask
	filesCount
	filesTable

	irqName
	irqHandler
	irqTimes
	queueReady

	// Members that are one machine's, or that a machine can be without.
	taskFP
	taskTLS
	taskStackTop
	regsSyscall
	mmVDSO
	descriptorLow
	descriptorHigh
	memberCount
)

// name is the kernel's name of a member on a machine, taken apart; "" where the family has none.
func (p *Profile) name(m member, machine elf.Machine) (typ, path string) {
	name := p.members[m]
	if names := p.machines[machine]; name == "" && names != nil {
		name = names.members[m]
	}
	typ, path, _ = strings.Cut(name, ".")
	return typ, path
}

// device takes a dev_t apart.
func (p *Profile) device(dev uint64) (major, minor uint32) {
	bits := p.numbers.minorBits
	return uint32(dev >> bits), uint32(dev & (1<<bits - 1))
}

// layout is where things lie in one image.
type layout struct {
	variables  [variableCount]extent
	structures [structureCount]uint64
	members    [memberCount]Field
	switched   []savedRegister
	frame      savedFrame
	user, kept []savedRegister
	fp         []savedRegister
	parked     uint64 // where a task that sleeps goes on; 0: at the pc its frame holds
}

// threadSize is the size of a kernel stack, in bytes, which is also what it is aligned to.
func (l *layout) threadSize() uint64 { return l.variables[initStack].size }

// extent is a variable's address and, where its type is known, size in bytes.
type extent struct{ addr, size uint64 }

// savedFrame is the frame of a switch; without registers there is none.
type savedFrame struct {
	pointer   Field
	size      uint64
	registers []savedRegister
}

type savedRegister struct {
	name string
	at   Field
}

// registers finds out where registers are kept in a structure.
func registers(types Types, typ string, places []place) (list []savedRegister, err error) {
	for _, p := range places {
		f, err := types.Field(typ, p.path)
		if err != nil {
			return nil, err
		}
		if p.count == 0 {
			list = append(list, savedRegister{p.register, f})
			continue
		}
		f.Size /= int64(p.count)
		for i := range p.count {
			list = append(list, savedRegister{fmt.Sprint(p.register, i), f})
			f.Offset += f.Size
		}
	}
	return list, nil
}

func (f *frameNames) lookUp(types Types, task string) (at savedFrame, err error) {
	if f == nil {
		return at, nil
	}
	if at.pointer, err = types.Field(task, f.pointer); err != nil {
		return at, err
	}
	size, err := types.Size(f.structure)
	if err != nil {
		return at, err
	}
	at.size = uint64(size)
	at.registers, err = registers(types, f.structure, f.registers)
	return at, err
}

// lookUp finds out where all that the profile names lies in an image. needed is what no task can be found without and the image lacks,
// rest what else it lacks.
func (p *Profile) lookUp(types Types, machine elf.Machine) (at layout, needed, rest []error) {
	lack := func(err error, need bool) {
		if err != nil && need {
			needed = append(needed, err)
		} else if err != nil {
			rest = append(rest, err)
		}
	}
	noSymbol := func(name string) error { return fmt.Errorf("kernel image has no symbol %q", name) }
	for v, name := range p.variables {
		addr, ok := types.Symbol(name)
		if !ok {
			lack(noSymbol(name), v < int(neededVariables))
		}
		at.variables[v].addr = addr
		if size, err := types.GlobalSize(name); err == nil && size > 0 {
			at.variables[v].size = uint64(size)
		}
	}
	for s, name := range p.structures {
		size, err := types.Size(name)
		lack(err, s < int(neededStructures))
		at.structures[s] = uint64(max(size, 0))
	}
	for m := range memberCount {
		if typ, path := p.name(m, machine); typ != "" {
			f, err := types.Field(typ, path)
			lack(err, m < neededMembers)
			at.members[m] = f
		}
	}
	for name := range p.hooks {
		if _, ok := types.Symbol(name); !ok {
			lack(noSymbol(name), false)
		}
	}
	names := p.machines[machine]
	if names == nil || arch.OfELF(machine) == nil {
		lack(fmt.Errorf("kernel image is for %v, which no kernel of the family %s is", machine, p.Family), true)
		return at, needed, rest
	}
	var err error
	at.switched, err = registers(types, p.structures[sizeTask], names.switched)
	lack(err, true)
	at.frame, err = names.frame.lookUp(types, p.structures[sizeTask])
	lack(err, true)
	at.fp, err = registers(types, p.structures[sizeTask], names.fp)
	lack(err, false)
	at.user, err = registers(types, p.structures[sizePtRegs], names.user)
	lack(err, false)
	at.kept, err = registers(types, p.structures[sizeTask], names.kept)
	lack(err, false)
	if names.parked != "" {
		var ok bool
		if at.parked, ok = types.Symbol(names.parked); !ok {
			lack(noSymbol(names.parked), true)
		}
	}
	return at, needed, rest
}

// lacking is one sentence about what an image lacks: the first of it, and how much more. nil is nothing.
func lacking(errs []error, what string) error {
	var words []string
	for _, err := range errs {
		if w := strings.TrimPrefix(err.Error(), "kernel image "); !slices.Contains(words, w) {
			words = append(words, w)
		}
	}
	switch len(words) {
	case 0:
		return nil
	case 1:
		return errors.New("the kernel image " + words[0])
	}
	return fmt.Errorf("the kernel image %s (the first of %d missing names that %s)", words[0], len(words), what)
}
