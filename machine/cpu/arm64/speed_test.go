package arm64

import (
	"testing"

	"forkscope/machine/cpu"
)

// benchLoop runs a loop of the given words for b.N instructions.
func benchLoop(b *testing.B, mmu bool, words ...uint32) {
	m := newBoard(b, 1<<20, noBus{})
	if mmu {
		m.mapIdentity(testBase+0x80000, 1)
	}
	m.sys.cpacr = cpacrFP
	m.contextChanged()
	m.code(testBase, append(words, 0x14000000|uint32(-len(words))&0x3ffffff)...)
	m.SetX(1, testBase+0x8000)
	m.SetX(2, testBase+0x9000)
	m.v[1] = vreg{0x3ff123456789abcd, 0x3ff0000000000001}
	m.v[2] = vreg{0x3fe0000000000123, 0x3fd5555555555555}
	m.SetPC(testBase)
	b.ResetTimer()
	if e := m.Run(uint64(b.N)); e.Reason != cpu.Limit {
		b.Fatal(e)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds()/1e6, "Minstr/s")
}

func BenchmarkMemoryMMUOff(b *testing.B) {
	benchLoop(b, false, ldr(3, 1, 8), addi(3, 3, 1), str(3, 1, 8), addi(4, 4, 1))
}

func BenchmarkFloat(b *testing.B) {
	// fmul d0, d1, d2; fadd d0, d0, d1; fmadd d3, d0, d1, d2; fsub d4, d3, d0
	benchLoop(b, true, 0x1e620820, 0x1e612800, 0x1f410803, 0x1e603864)
}

func BenchmarkVectorStrings(b *testing.B) {
	// ldr q0, [x1]; cmeq v1.16b, v0.16b, #0; umaxp v1.4s, v1.4s, v1.4s; fmov x3, d1; str q0, [x2]
	benchLoop(b, true, 0x3dc00020, 0x4e209801, 0x6ea1a421, 0x9e660023, 0x3d800040)
}

func BenchmarkSystemCalls(b *testing.B) {
	// The way into an exception handler and back, by msr elr, eret, svc.
	m := kernelBoard(b)
	m.code(testBase, oracleEnd, b0(-4))
	m.code(testBase+0x10200, wERET)
	b.ResetTimer()
	if e := m.Run(uint64(b.N)); e.Reason != cpu.Limit {
		b.Fatal(e)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds()/1e6, "Minstr/s")
}

func b0(off int) uint32 { return 0x14000000 | uint32(off/4)&0x3ffffff }

func BenchmarkSingleSteps(b *testing.B) {
	m := kernelBoard(b)
	m.code(testBase, integerLoop...)
	m.SetX(0, 1<<60)
	m.SetX(1, testBase+0x8000)
	for range b.N {
		m.o.Pass = true
		m.Run(m.clock.Retired + 1)
	}
}
