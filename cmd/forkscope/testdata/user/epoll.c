/* epoll and eventfd: what is reported when, and what is refused. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

static int ep;

static void say(const char *what, long ret)
{
	printf("%s: %s\n", what, ret < 0 ? strerror(errno) : "ok");
}

static int ctl(int op, int fd, unsigned int events)
{
	struct epoll_event e = { .events = events, .data.fd = fd };

	return epoll_ctl(ep, op, fd, &e);
}

/* The events there are now, as a sum that does not depend on their order. */
static void ask(const char *what, int max)
{
	struct epoll_event e[8];
	int n = epoll_wait(ep, e, max, 0), i;
	unsigned int sum = 0;

	for (i = 0; i < n; i++)
		sum += e[i].events;
	printf("%s: %d events %#x\n", what, n, sum);
}

static void levels(int *p)
{
	struct epoll_event e[2] = { 0 };
	char c;

	say("add the reading end", ctl(EPOLL_CTL_ADD, p[0], EPOLLIN));
	ask("empty", 8);
	(void)!write(p[1], "ab", 2);
	ask("two bytes", 8);
	ask("two bytes, asked again", 8);
	(void)!read(p[0], &c, 1);
	ask("one byte", 8);
	say("edge", ctl(EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLET));
	ask("edge, at once", 8);
	ask("edge, told already", 8);
	(void)!write(p[1], "c", 1);
	ask("edge, one more", 8);
	say("one shot", ctl(EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLONESHOT));
	ask("one shot", 8);
	(void)!write(p[1], "d", 1);
	ask("one shot, fired", 8);
	say("armed again", ctl(EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLONESHOT));
	ask("armed again", 8);
	say("add the writing end", ctl(EPOLL_CTL_ADD, p[1], EPOLLOUT));
	say("level again", ctl(EPOLL_CTL_MOD, p[0], EPOLLIN));
	ask("both", 8);
	(void)!epoll_wait(ep, e, 1, 0);
	(void)!epoll_wait(ep, e + 1, 1, 0);
	printf("one after the other: %#x\n", e[0].events + e[1].events);
	say("remove", ctl(EPOLL_CTL_DEL, p[1], 0));
	ask("one left", 8);
}

static void refused(int *p)
{
	int other = epoll_create1(EPOLL_CLOEXEC), file = open("/", O_RDONLY);
	struct epoll_event e = { .events = EPOLLIN };

	say("twice", ctl(EPOLL_CTL_ADD, p[0], EPOLLIN));
	say("modify what is not there", ctl(EPOLL_CTL_MOD, p[1], EPOLLIN));
	say("remove what is not there", ctl(EPOLL_CTL_DEL, p[1], 0));
	say("a directory", ctl(EPOLL_CTL_ADD, file, EPOLLIN));
	say("itself", ctl(EPOLL_CTL_ADD, ep, EPOLLIN));
	say("no descriptor", ctl(EPOLL_CTL_ADD, 99, EPOLLIN));
	say("an unknown operation", ctl(9, p[0], EPOLLIN));
	say("a null event", epoll_ctl(ep, EPOLL_CTL_MOD, p[0], NULL));
	say("a pipe as epoll", epoll_ctl(p[0], EPOLL_CTL_ADD, p[1], &e));
	say("wait on a pipe", epoll_wait(p[0], &e, 1, 0));
	say("wait for no events", epoll_wait(ep, &e, 0, 0));
	say("wait into nowhere", epoll_wait(ep, (void *)-4096L, 1, 0));
	say("epoll_create(0)", epoll_create(0));
	say("an epoll watches it", epoll_ctl(other, EPOLL_CTL_ADD, ep, &e));
	say("a ring", ctl(EPOLL_CTL_ADD, other, EPOLLIN));
	printf("seen through two: %d\n", epoll_wait(other, &e, 1, 0));
	say("read an epoll", read(ep, &e, sizeof(e)));
	close(other);
	close(file);
}

static void ends(int *p)
{
	int copy = dup(p[0]);

	close(p[0]);
	ask("closed, but a copy is open", 8);
	close(p[1]);
	ask("no writer any more", 8);
	close(copy);
	ask("all closed", 8);
}

static void on_alarm(int sig)
{
	(void)!write(1, "handler\n", 8);
}

static void waits(void)
{
	struct sigaction sa = { .sa_handler = on_alarm, .sa_flags = SA_RESTART };
	struct epoll_event e;
	int p[2], n, status;
	sigset_t set;

	(void)!pipe(p);
	ctl(EPOLL_CTL_ADD, p[0], EPOLLIN | EPOLLRDHUP);
	printf("20 ms: %d\n", epoll_wait(ep, &e, 1, 20));
	if (!fork()) {
		usleep(20000);
		(void)!write(p[1], "x", 1);
		_exit(3);
	}
	n = epoll_wait(ep, &e, 1, -1);
	printf("a child writes: %d %#x\n", n, e.events);
	wait(&status);
	(void)!read(p[0], &n, 1);
	sigaction(SIGALRM, &sa, NULL);
	fflush(stdout);
	alarm(1);
	say("interrupted", epoll_wait(ep, &e, 1, -1));
	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	raise(SIGALRM);
	printf("blocked: %d\n", epoll_wait(ep, &e, 1, 0));
	fflush(stdout);
	sigemptyset(&set);
	say("let in by the mask", epoll_pwait(ep, &e, 1, -1, &set));
	close(p[0]);
	close(p[1]);
}

static void eventfds(void)
{
	int fd = eventfd(3, EFD_NONBLOCK), sem = eventfd(2, EFD_SEMAPHORE | EFD_NONBLOCK);
	uint64_t v = 4;

	ctl(EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLOUT);
	ask("eventfd of 3", 8);
	say("add 4", write(fd, &v, 8));
	say("read", read(fd, &v, 8));
	printf("value %llu\n", (unsigned long long)v);
	say("read of 0", read(fd, &v, 8));
	ask("eventfd of 0", 8);
	v = -1;
	say("the number too many", write(fd, &v, 8));
	v = -2;
	say("the largest", write(fd, &v, 8));
	ask("eventfd full", 8);
	v = 1;
	say("one more", write(fd, &v, 8));
	say("a short read", read(fd, &v, 4));
	say("eventfd flags", eventfd(0, 64));
	(void)!read(sem, &v, 8);
	printf("semaphore %llu\n", (unsigned long long)v);
	(void)!read(sem, &v, 8);
	say("semaphore of 0", read(sem, &v, 8));
	if (!fork()) {
		fcntl(sem, F_SETFL, 0);
		(void)!read(sem, &v, 8);
		printf("a child got %llu\n", (unsigned long long)v);
		fflush(stdout);
		_exit(0);
	}
	v = 1;
	(void)!write(sem, &v, 8);
	wait(NULL);
}

int main(void)
{
	int p[2];

	setvbuf(stdout, NULL, _IOLBF, 0);
	ep = epoll_create1(0);
	(void)!pipe(p);
	levels(p);
	refused(p);
	ends(p);
	waits();
	eventfds();
	return 0;
}
