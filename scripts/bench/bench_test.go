package main

import (
	"bytes"
	"context"
	"debug/elf"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"forkscope/machine/cpu/arch"
	"forkscope/scripts/oracle"
)

// serve opens a session with a stub that serveConn plays.
func serve(t *testing.T, replies map[string]string) *client {
	t.Helper()
	c, err := newClient(serveConn(t, replies), "i386")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// serveConn answers on a connection as a stub would: replies maps a packet's body to what is sent back for it, verbatim.
func serveConn(t *testing.T, replies map[string]string) net.Conn {
	t.Helper()
	near, far := net.Pipe()
	t.Cleanup(func() { near.Close(); far.Close() })
	go func() {
		buf := make([]byte, 0, 1024)
		for {
			piece := make([]byte, 1024)
			n, err := far.Read(piece)
			if err != nil {
				return
			}
			buf = append(buf, piece[:n]...)
			for {
				i := bytes.IndexByte(buf, '$')
				j := bytes.IndexByte(buf, '#')
				if i < 0 || j < i || len(buf) < j+3 {
					break
				}
				reply, ok := replies[string(buf[i+1:j])]
				buf = buf[j+3:]
				if !ok {
					reply = "$#00"
				}
				if _, err := far.Write([]byte(reply)); err != nil {
					return
				}
			}
		}
	}()
	return near
}

// frame makes a packet; the checksum is the protocol's: the sum of the bytes modulo 256.
func frame(body string) string {
	sum := 0
	for _, b := range []byte(body) {
		sum += int(b)
	}
	return fmt.Sprintf("$%s#%02x", body, sum%256)
}

func handshake(more map[string]string) map[string]string {
	m := map[string]string{
		"qSupported:swbreak+;hwbreak+;vContSupported+;xmlRegisters=i386": "+" + frame("PacketSize=200;qXfer:features:read+"),
		"QStartNoAckMode":                      "+" + frame("OK"),
		"qXfer:features:read:target.xml:0,ffb": frame("l<target/>"),
		"?":                                    frame("T05thread:1;"),
	}
	for k, v := range more {
		m[k] = v
	}
	return m
}

func TestClient(t *testing.T) {
	c := serve(t, handshake(map[string]string{
		"Z0,c0100000,1": frame("OK"),
		"Z0,c0100004,1": frame("E0e"),
		"m1000,8":       "%" + frame("Stop:W00")[1:] + frame("00* 0* "), // a notification; then 00 and 3+3 more zeros twice
		"m2000,2":       "$0102#00",
		"vCont;s:1":     frame("T05thread:2;08:452301c0;04:00f0ffbf;"),
		"vCont;s:2":     frame("T05thread:2;"),
		"g": frame(strings.Repeat("11111111", 4) + "00e0ffbf" + strings.Repeat("22222222", 3) + "785634c0" +
			strings.Repeat("33333333", 7)),
		"vCont;c": frame("O68690a") + frame("W03"),
	}))
	if c.packetSize != 0x200 || c.thread != "1" || !c.noAck {
		t.Errorf("after the handshake: packet size %#x, thread %q, noAck %v", c.packetSize, c.thread, c.noAck)
	}
	if err := (breakpoint{c: c, addr: 0xc0100000}).insert(); err != nil {
		t.Error(err)
	}
	if err := (breakpoint{c: c, addr: 0xc0100004}).insert(); err == nil || !strings.Contains(err.Error(), "E0e") {
		t.Errorf("a refused breakpoint gives %v", err)
	}
	if err := c.must("QUnknown"); !errors.Is(err, errUnsupported) {
		t.Errorf("an unknown packet gives %v", err)
	}
	dst := bytes.Repeat([]byte{0xee}, 8)
	if err := c.readMemory(0x1000, dst); err == nil {
		t.Error("nine digits were taken for eight bytes")
	}
	if err := c.readMemory(0x2000, dst[:2]); err == nil || !strings.Contains(err.Error(), "checksum") {
		t.Errorf("a wrong checksum gives %v", err)
	}
	if err := c.step(); err != nil || c.thread != "2" {
		t.Errorf("step: %v, thread %q", err, c.thread)
	}
	if pc, sp, err := c.registers(); pc != 0xc0012345 || sp != 0xbffff000 || err != nil {
		t.Errorf("registers of the stop reply: %#x, %#x, %v", pc, sp, err)
	}
	if err := c.step(); err != nil {
		t.Error(err)
	}
	if pc, sp, err := c.registers(); pc != 0xc0345678 || sp != 0xbfffe000 || err != nil {
		t.Errorf("registers by a g packet: %#x, %#x, %v", pc, sp, err)
	}
	if err := c.resume("c"); !errors.Is(err, errEnded) || !strings.Contains(err.Error(), "W03") {
		t.Errorf("the guest's end gives %v", err)
	}
}

// The examples of the gdb manual (E.1) and the edges of both encodings.
func TestExpand(t *testing.T) {
	for _, c := range []struct{ packed, want string }{
		{"0* ", "0000"},
		{"a}\x03b", "a#b"},
		{"}]*\"", "}}}}}}"},
		{"x*", "x*"},
		{"}", "}"},
		{"*\x20", "*\x20"},
		{"0*", "0*"},
		{"ab* c}\x04d", "abbbbc$d"},
	} {
		if got := string(expand(nil, []byte(c.packed))); got != c.want {
			t.Errorf("%q: %q, want %q", c.packed, got, c.want)
		}
	}
}

func TestPeriod(t *testing.T) {
	for _, c := range []struct {
		list string
		want int
	}{
		{"", 0}, {"aaaa", 1}, {"aaa", 0}, {"xyabcabcabcabc", 3}, {"abcabcabcabd", 0}, {"ababababab", 2}, {"abcabcabc", 0},
	} {
		var list []uint64
		for _, b := range []byte(c.list) {
			list = append(list, uint64(b))
		}
		if got := period(list, 4); got != c.want {
			t.Errorf("%q: %d, want %d", c.list, got, c.want)
		}
	}
}

func TestSpread(t *testing.T) {
	if s := spreadOf([]float64{3, 1, 2}); s.Min != 1 || s.Median != 2 || s.Max != 3 {
		t.Errorf("odd: %+v", s)
	}
	if s := spreadOf([]float64{4, 1, 2, 10}); s.Min != 1 || s.Median != 3 || s.Max != 10 {
		t.Errorf("even: %+v", s)
	}
}

func TestFloor(t *testing.T) {
	more, less := &figure{floor: 100}, &figure{floor: 0.3, less: true}
	if !more.met(100) || more.met(99.9) || !less.met(0.29) || less.met(0.3) {
		t.Error("floors are not kept as said")
	}
	if more.better(300, 100) != 3 || less.better(1, 4) != 4 {
		t.Error("the ratio does not favour the better one")
	}
}

func TestShort(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 0.05652: "0.0565", 1.5: "1.50", 27471.4: "27471", 99.96: "100.0", 0.0000001: "0.000000"} {
		if got := short(v); got != want {
			t.Errorf("%v: %s, want %s", v, got, want)
		}
	}
}

// TestLoads compares the loads' machine code with what binutils read in it.
func TestLoads(t *testing.T) {
	want := map[string][]string{
		"i386 syscalls":  {"mov $0x4e20,%esi", "mov $0x40,%eax", "int $0x80", "dec %esi", "jne 0x5", "mov $0x9e,%eax", "int $0x80", "jmp 0x0"},
		"arm64 syscalls": {"mov x19, #0x4e20", "movk x19, #0x0, lsl #16", "mov x8, #0xad", "svc #0x0", "subs x19, x19, #0x1", "b.ne 0x8", "mov x8, #0x7c", "svc #0x0", "b 0x0"},
		"i386 touch": {"mov $0x8049000,%esi", "movb $0x1,(%esi)", "add $0x1000,%esi", "cmp $0xb049000,%esi", "jb 0x5", "mov $0x58,%eax",
			"mov $0xfee1dead,%ebx", "mov $0x28121969,%ecx", "mov $0x4321fedc,%edx", "xor %esi,%esi", "int $0x80"},
		"arm64 touch": {"mov x19, #0x1000", "movk x19, #0x40, lsl #16", "mov x20, #0x1000", "movk x20, #0x340, lsl #16", "strb w20, [x19]",
			"add x19, x19, #0x1, lsl #12", "cmp x19, x20", "b.cc 0x10", "mov x0, #0xdead", "movk x0, #0xfee1, lsl #16", "mov x1, #0x1969",
			"movk x1, #0x2812, lsl #16", "mov x2, #0xfedc", "movk x2, #0x4321, lsl #16", "mov x3, #0x0", "mov x8, #0x8e", "svc #0x0"},
	}
	for arch, tool := range map[string][]string{
		"i386":  {"i686-linux-gnu-objdump", "-m", "i386"},
		"arm64": {"aarch64-linux-gnu-objdump", "-m", "aarch64"},
	} {
		for name, file := range map[string][]byte{"syscalls": syscallProgram(arch), "touch": touchProgram(arch)} {
			t.Run(arch+" "+name, func(t *testing.T) {
				f, err := elf.NewFile(bytes.NewReader(file))
				if err != nil {
					t.Fatal(err)
				}
				if len(f.Progs) != 1 {
					t.Fatalf("%d segments", len(f.Progs))
				}
				p := f.Progs[0]
				if p.Off != 0 || p.Vaddr%pageSize != 0 || p.Filesz != uint64(len(file)) {
					t.Errorf("segment %+v, entry %#x, file of %d bytes", p.ProgHeader, f.Entry, len(file))
				}
				if name == "touch" && p.Memsz != pageSize+touchSize {
					t.Errorf("the program gets %#x bytes of memory", p.Memsz)
				}
				if _, err := exec.LookPath(tool[0]); err != nil {
					oracle.Missing(t, familyPrograms, "objdump", tool[0]+" is not installed")
				}
				code := filepath.Join(t.TempDir(), "code")
				if err := os.WriteFile(code, file[f.Entry-p.Vaddr:], 0o600); err != nil {
					t.Fatal(err)
				}
				out, err := exec.Command(tool[0], append(tool[1:], "-b", "binary", "-D", "--no-show-raw-insn", code)...).Output()
				if err != nil {
					t.Fatal(err)
				}
				var got []string
				for _, line := range strings.Split(string(out), "\n") {
					if at, text, ok := strings.Cut(line, ":\t"); ok && strings.HasPrefix(at, " ") {
						text, _, _ = strings.Cut(text, " //")
						text, _, _ = strings.Cut(text, "\t//")
						got = append(got, strings.Join(strings.Fields(text), " "))
					}
				}
				oracle.Compared(familyPrograms, "objdump", 1)
				if fmt.Sprint(got) != fmt.Sprint(want[arch+" "+name]) {
					t.Errorf("objdump reads\n%q, want\n%q", got, want[arch+" "+name])
				}
			})
		}
	}
}

const familyPrograms = "programs and archives of the benchmark"

func TestArchive(t *testing.T) {
	files := []archiveFile{{"bin/a", []byte("one")}, {"bin/long-name", bytes.Repeat([]byte{7}, 4097)}, {"empty", nil}}
	archive := archiveOf(files)
	for _, f := range files {
		if b, err := findInArchive(archive, f.name); err != nil || !bytes.Equal(b, f.data) {
			t.Errorf("%s: %d bytes, %v", f.name, len(b), err)
		}
	}
	if _, err := findInArchive(archive, "bin/b"); err == nil {
		t.Error("a file that isn't there was found")
	}
	for n := range archive {
		findInArchive(archive[:n], "none") // a cut archive must not panic
	}
	if _, err := exec.LookPath("cpio"); err != nil {
		oracle.Missing(t, familyPrograms, "cpio", "cpio is not installed")
	}
	cmd := exec.Command("cpio", "-t", "--quiet")
	cmd.Stdin = bytes.NewReader(archive)
	out, err := cmd.CombinedOutput()
	oracle.Compared(familyPrograms, "cpio", 1)
	if err != nil || string(out) != "bin/a\nbin/long-name\nempty\n" {
		t.Errorf("cpio reads %q, %v", out, err)
	}
}

func TestUsage(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"-arch mips", "there are " + arch.List("and")},
		{"-only boot,loops", "there are loop, boot,"},
		{"-runs 0", "from 1 to 1000"},
		{"-span 0s", "from 1ms to 1m"},
		{"extra", "not a flag"},
		{"-nonsense", "-nonsense"},
	} {
		var out, errs bytes.Buffer
		if status := doMain(context.Background(), strings.Fields(c.args), &out, &errs); status != statusUsage {
			t.Errorf("%s: status %d", c.args, status)
		}
		if s := errs.String(); !strings.Contains(s, c.want) || strings.Count(s, "\n") != 1 {
			t.Errorf("%s: says %q", c.args, s)
		}
	}
}

// TestFork lets the child of a fork go, as a stub tells it: the replies have the form that gdbserver gives them.
func TestFork(t *testing.T) {
	const list = `l<threads>\n<thread id="p10.10"/>\n<thread id="p11.11"/>\n</threads>`
	m := handshake(map[string]string{
		"qSupported:" + processFeatures: "+" + frame("PacketSize=200;fork-events+;multiprocess+"),
		"Hgp0.0":                        frame("OK"),
		"?":                             frame("T05thread:p10.10;"),
		passedSignals:                   frame("OK"),
		"vCont;c:p10.-1":                frame("T05fork:p11.11;05:f4cf0e08;thread:p10.10;"),
		"Hgp11.11":                      frame("OK"),
		"Hgp10.10":                      frame("OK"),
		"qXfer:threads:read::0,1000":    frame(list),
		"D;11":                          frame("OK"),
	})
	s := &server{name: "a stub", inferior: &inferior{arch: "i386"}}
	u, err := s.open(nil, serveConn(t, m))
	if err != nil {
		t.Fatal(err)
	}
	if u.pid != "10" {
		t.Errorf("the process is %q", u.pid)
	}
	if err := u.detachChild(); err == nil || !strings.Contains(err.Error(), "not by a fork") {
		t.Errorf("without a fork: %v", err)
	}
	if err := u.continueProcess(); err != nil {
		t.Fatal(err)
	}
	if err := u.detachChild(); err != nil {
		t.Error(err)
	}
	m["qXfer:threads:read::0,1000"] = frame(`l<threads/>`)
	if err := u.detachChild(); err == nil || !strings.Contains(err.Error(), "not in the list") {
		t.Errorf("without the child in the list: %v", err)
	}
	if _, err := processOf("10"); err == nil {
		t.Error("a thread without its process was taken")
	}
}

func TestCPUTime(t *testing.T) {
	// A line of the form that proc(5) gives.
	stat := "42 (a) S b) R 1 42 42 0 -1 4194304 100 0 0 0 250 50 7 8 20 0 1 0 999 1000 10"
	if s, err := cpuTimeIn([]byte(stat)); s != 3 || err != nil {
		t.Errorf("300 ticks are %v seconds, %v", s, err)
	}
	for _, bad := range []string{"", "42 (a) R 1 2 3", "42 (a) S 1 42 42 0 -1 4194304 100 0 0 0 x 50 7"} {
		if s, err := cpuTimeIn([]byte(bad)); err == nil {
			t.Errorf("%q: %v seconds", bad, s)
		}
	}
}

// TestRun measures something short on both machines, and finds the result in the table.
func TestRun(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 9*time.Minute)
	defer cancel()
	var out, errs bytes.Buffer
	status := doMain(ctx, []string{"-runs", "1", "-span", "20ms", "-only", "boot,step,condition,memory,start,start-gdb,user-condition,next,overhead"}, &out, &errs)
	if status != 0 {
		t.Fatalf("status %d: %s%s", status, out.String(), errs.String())
	}
	for _, want := range []string{"\ni386 ", "\narm64 ", "\nboot to the demo's last line ", "\nsingle steps ", "\nmemory read ", "\ni386, a process ",
		"\narm64, a process ", "\nstart, to gdb's first prompt ", "\nnext over a fork "} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in:\n%s", want, out.String())
		}
	}
	if strings.Contains(out.String(), "failed") {
		t.Errorf("a figure failed:\n%s", out.String())
	}
}

// Each machine has its row, and where its registers are follows from what gdb is told of them.
func TestTargets(t *testing.T) {
	for _, name := range arch.Names() {
		v := reflect.ValueOf(targets[name])
		for i := range v.NumField() {
			if v.Field(i).IsZero() {
				t.Errorf("%s: %s is not said", name, v.Type().Field(i).Name)
			}
		}
		archive, err := os.ReadFile("../../guests/image/initramfs-" + name + ".cpio")
		if err != nil {
			t.Fatal(err)
		}
		for _, program := range []string{"bin/intloop", "bin/cat"} {
			if b, err := findInArchive(archive, program); err != nil || !bytes.HasPrefix(b, []byte(elf.ELFMAG)) {
				t.Errorf("%s: %s of %d bytes: %v", name, program, len(b), err)
			}
		}
	}
	for name, want := range map[string]registerLayout{
		"i386":  {size: 4, kind: 1, pc: 8, sp: 4, pcAt: 32, spAt: 16, returnAt: -1},
		"arm64": {size: 8, kind: 4, pc: 32, sp: 31, pcAt: 256, spAt: 248, returnAt: 240},
	} {
		if got, err := layoutOf(name); got != want || err != nil {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}
