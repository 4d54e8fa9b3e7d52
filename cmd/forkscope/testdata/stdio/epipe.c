/* Writes for ever with SIGPIPE ignored, and says on standard error how that ended. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char block[100000];

int main(void)
{
	struct pollfd out = { .fd = 1, .events = POLLOUT };

	signal(SIGPIPE, SIG_IGN);
	while (write(1, block, sizeof(block)) > 0)
		;
	dprintf(2, "%s\n", strerror(errno));
	dprintf(2, "poll %d", poll(&out, 1, 0));
	dprintf(2, " error %d\n", !!(out.revents & POLLERR));
	return 3;
}
