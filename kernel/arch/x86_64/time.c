// SPDX-License-Identifier: MIT
/*
 * Time: the TSC tells it, channel 0 of the 8254 interrupts once when asked
 * to, and the MC146818 knows the date.
 */
#include <linux/kernel.h>
#include <linux/arch.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/time.h>
#include <asm/hw_irq.h>
#include <asm/io.h>
#include <asm/processor.h>

#define PIT_HZ		1193182
#define PIT_CH0		0x40
#define PIT_CH2		0x42
#define PIT_MODE	0x43
#define PIT_CH0_ONESHOT	0x30		/* low and high byte, mode 0 */
#define PIT_CH2_ONESHOT	0xb0
#define PIT_CH2_LATCH	0x80
#define PIT_MAX_COUNT	0xffff
#define CALIBRATION_TICKS	300	/* a quarter of a millisecond */

#define PORT_B		0x61		/* bit 0 gates channel 2, bit 1 the speaker */

#define RTC_INDEX	0x70
#define RTC_DATA	0x71

/* CPUID leaf where a hypervisor tells the TSC's frequency, in kHz. */
#define CPUID_HYPERVISOR	0x40000000
#define CPUID_TIMING		0x40000010

/* ns = (cycles * tsc_mult) >> TSC_SHIFT */
#define TSC_SHIFT	22
static u32 tsc_mult;
static u64 tsc_start;

/* When the pending event is due; the PIT alone reaches only 55 ms. */
static u64 timer_deadline;

static u16 pit_ch2_read(void)
{
	u16 count;

	outb(PIT_CH2_LATCH, PIT_MODE);
	count = inb(PIT_CH2);
	return count | (inb(PIT_CH2) << 8);
}

/*
 * Kilohertz of the TSC, measured from one step of channel 2 to another: long
 * enough to be good to a part in a thousand, short for a slow machine.
 */
static u32 measure_tsc_khz(void)
{
	u16 before, first, last;
	u64 start, end;

	outb((inb(PORT_B) & ~0x02) | 0x01, PORT_B);
	outb(PIT_CH2_ONESHOT, PIT_MODE);
	outb(PIT_MAX_COUNT & 0xff, PIT_CH2);
	outb(PIT_MAX_COUNT >> 8, PIT_CH2);
	before = pit_ch2_read();
	do {
		first = pit_ch2_read();
	} while (first == before);
	start = rdtsc();
	do {
		last = pit_ch2_read();
	} while ((u16)(first - last) < CALIBRATION_TICKS);
	end = rdtsc();
	return (u32)((end - start) * PIT_HZ / 1000 / (u16)(first - last));
}

/*
 * On a machine shared with others a measurement may be interrupted: believe
 * two in a row that agree within 1/64.
 */
static u32 calibrate_tsc(void)
{
	unsigned int max, ebx, ecx, edx, khz;
	u32 last = 0;

	cpuid(1, &max, &ebx, &ecx, &edx);
	if (ecx & 0x80000000) {
		cpuid(CPUID_HYPERVISOR, &max, &ebx, &ecx, &edx);
		if (max >= CPUID_TIMING) {
			cpuid(CPUID_TIMING, &khz, &ebx, &ecx, &edx);
			if (khz)
				return khz;
		}
	}
	for (int i = 0; i < 16; i++) {
		khz = measure_tsc_khz();
		if (khz > last - last / 64 && khz < last + last / 64)
			break;
		last = khz;
	}
	return khz ? khz : 1;
}

u64 arch_clock_ns(void)
{
	u64 cycles;

	if (!tsc_mult)
		return 0;
	cycles = rdtsc() - tsc_start;
	return (((cycles & 0xffffffff) * tsc_mult) >> TSC_SHIFT) +
	       (((cycles >> 32) * tsc_mult) << (32 - TSC_SHIFT));
}

static void pit_oneshot(u64 delta_ns)
{
	u32 count = PIT_MAX_COUNT;

	/* 50 ms always fit. */
	if (delta_ns < 50 * NSEC_PER_MSEC)
		count = (u32)delta_ns / 1000 * (PIT_HZ / 1000) / 1000 + 1;
	outb(PIT_CH0_ONESHOT, PIT_MODE);
	outb(count & 0xff, PIT_CH0);
	outb(count >> 8, PIT_CH0);
}

void arch_timer_program(u64 delta_ns)
{
	timer_deadline = arch_clock_ns() + delta_ns;
	pit_oneshot(delta_ns);
}

/* Writing the mode stops the count until a new one is written. */
void arch_timer_stop(void)
{
	outb(PIT_CH0_ONESHOT, PIT_MODE);
}

static irqreturn_t timer_interrupt(int irq, void *dev_id)
{
	u64 now = arch_clock_ns();

	/* Far events are reached in several hops. */
	if (now + NSEC_PER_MSEC < timer_deadline)
		pit_oneshot(timer_deadline - now);
	else
		hrtimer_interrupt();
	return IRQ_HANDLED;
}

void time_init(void)
{
	u32 khz = calibrate_tsc();

	arch_timer_stop();
	tsc_start = rdtsc();
	tsc_mult = (u32)((1000000ULL << TSC_SHIFT) / khz);
	request_irq(TIMER_IRQ, timer_interrupt, "timer", NULL);
}

static u8 cmos_read(u8 reg)
{
	outb(reg, RTC_INDEX);
	return inb(RTC_DATA);
}

static unsigned int from_bcd(u8 value)
{
	return (value >> 4) * 10 + (value & 0xf);
}

/* Days from 1970-01-01, in the proleptic Gregorian calendar. */
static long days_from_civil(int year, unsigned int month, unsigned int day)
{
	static const u16 before[] = {
		0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334,
	};
	int y = year - (month <= 2);	/* leap days up to this year's March */
	long leaps = y / 4 - y / 100 + y / 400;

	return (year - 1970) * 365L + leaps - (1969 / 4 - 1969 / 100 + 1969 / 400) +
	       before[month - 1] + day - 1;
}

time64_t arch_rtc_read(void)
{
	/* seconds, minutes, hours, day, month, year, century */
	static const u8 regs[] = { 0, 2, 4, 7, 8, 9, 0x32 };
	unsigned int v[ARRAY_SIZE(regs)], again[ARRAY_SIZE(regs)];
	unsigned int i, year;
	u8 format;
	bool pm;

	/* Twice the same, or an update may have come in between. */
	do {
		while (cmos_read(0x0a) & 0x80)
			cpu_relax();
		for (i = 0; i < ARRAY_SIZE(regs); i++)
			v[i] = cmos_read(regs[i]);
		for (i = 0; i < ARRAY_SIZE(regs); i++)
			again[i] = cmos_read(regs[i]);
	} while (memcmp(v, again, sizeof(v)) != 0);

	format = cmos_read(0x0b);	/* bit 1: 24 hours, bit 2: binary */
	pm = !(format & 0x02) && (v[2] & 0x80);
	v[2] &= 0x7f;
	if (!(format & 0x04))
		for (i = 0; i < ARRAY_SIZE(regs); i++)
			v[i] = from_bcd(v[i]);
	if (!(format & 0x02))
		v[2] = v[2] % 12 + (pm ? 12 : 0);
	year = v[5] + (v[6] >= 19 && v[6] <= 29 ? v[6] * 100 :
		       v[5] < 70 ? 2000 : 1900);
	if (v[4] < 1 || v[4] > 12)
		return 0;
	return (time64_t)days_from_civil(year, v[4], v[3]) * 86400 +
	       v[2] * 3600 + v[1] * 60 + v[0];
}
