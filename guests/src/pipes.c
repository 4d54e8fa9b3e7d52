/*
 * pipes: order, blocking at both ends, end of file, EPIPE, poll, and a
 * pipeline of processes.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define TOTAL	200000		/* more than any pipe holds: the writer must block */

static int fail(const char *what)
{
	printf("pipes: %s: %s\n", what, strerror(errno));
	return 1;
}

static int transfer(void)
{
	unsigned char buf[777];
	unsigned int sum = 0;
	int fd[2], n = 0, got, status;

	if (pipe(fd))
		return fail("pipe");
	fflush(stdout);
	if (fork() == 0) {
		static unsigned char out[TOTAL];

		close(fd[0]);
		for (int i = 0; i < TOTAL; i++)
			out[i] = i * 7;
		for (int done = 0; done < TOTAL; done += got) {
			got = write(fd[1], out + done, TOTAL - done);
			if (got <= 0)
				_exit(1);
		}
		_exit(0);
	}
	close(fd[1]);
	while ((got = read(fd[0], buf, sizeof(buf))) > 0) {
		for (int i = 0; i < got; i++, n++) {
			if (buf[i] != (unsigned char)(n * 7)) {
				printf("pipes: byte %d is wrong\n", n);
				return 1;
			}
			sum += buf[i];
		}
	}
	close(fd[0]);
	wait(&status);
	printf("pipes: %d bytes, sum %u, then end of file, writer %s\n", n, sum,
	       status ? "failed" : "done");
	return n != TOTAL || status;
}

/* Each stage adds one to the number that comes by. */
static int pipeline(void)
{
	int in = -1, fd[2], value;

	for (int stage = 0; stage < 6; stage++) {
		if (pipe(fd))
			return fail("pipe");
		if (fork() == 0) {
			value = 0;
			if (in >= 0 && read(in, &value, sizeof(value)) != sizeof(value))
				_exit(1);
			value++;
			if (write(fd[1], &value, sizeof(value)) != sizeof(value))
				_exit(1);
			_exit(0);
		}
		if (in >= 0)
			close(in);
		close(fd[1]);
		in = fd[0];
	}
	if (read(in, &value, sizeof(value)) != sizeof(value))
		return fail("read");
	close(in);
	while (wait(NULL) > 0)
		;
	printf("pipes: after a pipeline of 6 processes the value is %d\n", value);
	return value != 6;
}

static int edges(void)
{
	struct pollfd p;
	int fd[2], fl, n;
	char c;

	if (pipe(fd))
		return fail("pipe");
	p.fd = fd[0];
	p.events = POLLIN;
	printf("pipes: empty: poll says %d", poll(&p, 1, 0));
	fl = fcntl(fd[0], F_GETFL);
	fcntl(fd[0], F_SETFL, fl | O_NONBLOCK);
	n = read(fd[0], &c, 1);
	printf(", read says %s\n", n < 0 ? strerror(errno) : "?");
	if (write(fd[1], "abc", 3) != 3)
		return fail("write");
	n = poll(&p, 1, -1);
	printf("pipes: filled: poll says %d, revents %d\n", n, p.revents);
	printf("pipes: lseek: %s\n", lseek(fd[0], 0, SEEK_SET) < 0 ? strerror(errno) : "?");
	close(fd[0]);
	signal(SIGPIPE, SIG_IGN);
	n = write(fd[1], "x", 1);
	printf("pipes: no reader: %s\n", n < 0 ? strerror(errno) : "?");
	close(fd[1]);
	n = read(fd[0], &c, 1);
	printf("pipes: closed: %s\n", n < 0 ? strerror(errno) : "?");
	return 0;
}

int main(void)
{
	if (transfer() || pipeline() || edges())
		return 1;
	printf("pipes: ok\n");
	return 0;
}
