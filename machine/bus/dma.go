package bus

// Memory is guest RAM as a device sees it that is a bus master (DMA): by physical address, past the CPU and its page tables. A write
// drops what the CPU has decoded of the page, as a store of the CPU does.
type Memory interface {
	// Contains reports whether all n bytes from pa lie in RAM.
	Contains(pa, n uint64) bool
	// Read and Write copy between RAM and p, and return how many bytes lay in RAM.
	Read(pa uint64, p []byte) int
	Write(pa uint64, p []byte) int
}
