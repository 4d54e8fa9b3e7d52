/* SPDX-License-Identifier: MIT */
#ifndef _LINUX_INIT_H
#define _LINUX_INIT_H

#define COMMAND_LINE_SIZE	2048

extern char boot_command_line[COMMAND_LINE_SIZE];

/* Physical extent of the initramfs; both 0 when there is none. */
extern phys_addr_t initrd_start, initrd_end;

#endif
