/* Local stream sockets: pairs, names, a pre-fork server, files that travel. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static void say(const char *what, long ret)
{
	printf("%s: %s\n", what, ret < 0 ? strerror(errno) : "ok");
}

static void state(const char *what, int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT | POLLRDHUP };

	poll(&p, 1, 0);
	printf("%s: %#x\n", what, p.revents);
}

static void got(const char *what, int fd, size_t room, int flags)
{
	char buf[64] = "";
	ssize_t n = recv(fd, buf, room, flags);

	if (n < 0)
		printf("%s: %s\n", what, strerror(errno));
	else
		printf("%s: %zd \"%.*s\"\n", what, n, (int)n, buf);
}

static void pairs(void)
{
	struct iovec iov[2] = { { "ab", 2 }, { "cd", 2 } };
	int s[2], n;
	socklen_t len = sizeof(n);
	struct ucred cred;

	say("pair", socketpair(AF_UNIX, SOCK_STREAM, 0, s));
	state("fresh", s[0]);
	(void)!write(s[0], "hello", 5);
	(void)!writev(s[0], iov, 2);
	ioctl(s[1], FIONREAD, &n);
	printf("to read: %d\n", n);
	state("written", s[1]);
	got("peek", s[1], 7, MSG_PEEK);
	got("read", s[1], 7, 0);
	got("rest", s[1], 64, 0);
	got("nothing", s[1], 64, MSG_DONTWAIT);
	getsockopt(s[0], SOL_SOCKET, SO_TYPE, &n, &len);
	printf("type %d\n", n);
	len = sizeof(cred);
	getsockopt(s[0], SOL_SOCKET, SO_PEERCRED, &cred, &len);
	printf("peer is this process: %d\n", cred.pid == getpid());
	say("half closed", shutdown(s[0], SHUT_WR));
	state("half closed", s[0]);
	state("its peer", s[1]);
	got("end", s[1], 64, 0);
	say("the other way", send(s[1], "x", 1, 0));
	got("the other way", s[0], 64, 0);
	say("send after shutdown", send(s[0], "x", 1, MSG_NOSIGNAL));
	say("shutdown 9", shutdown(s[0], 9));
	(void)!write(s[1], "unread", 6);
	close(s[0]);
	state("closed with bytes unread", s[1]);
	got("reset", s[1], 64, 0);
	got("and end", s[1], 64, 0);
	say("write to nobody", send(s[1], "x", 1, MSG_NOSIGNAL));
	close(s[1]);
}

static void travels(void)
{
	union { char buf[CMSG_SPACE(2 * sizeof(int))]; struct cmsghdr h; } u;
	struct iovec iov = { "f", 1 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1,
			    .msg_control = u.buf, .msg_controllen = sizeof(u.buf) };
	struct cmsghdr *c = &u.h;
	int s[2], p[2], fds[2];
	char b, text[16] = "";

	socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, s);
	(void)!pipe(p);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(2 * sizeof(int));
	memcpy(CMSG_DATA(c), p, sizeof(p));
	(void)!write(s[0], "before", 6);
	say("send two files", sendmsg(s[0], &m, 0));
	(void)!write(s[0], "after", 5);
	close(p[0]);
	close(p[1]);
	memset(&u, 0, sizeof(u));
	got("before them", s[1], 6, 0);
	iov.iov_base = &b;
	say("receive them", recvmsg(s[1], &m, MSG_CMSG_CLOEXEC));
	printf("flags %#x, full %d, type %d\n", m.msg_flags & ~MSG_CMSG_CLOEXEC,
	       m.msg_controllen == sizeof(u.buf), c->cmsg_type);
	memcpy(fds, CMSG_DATA(c), sizeof(fds));
	printf("close on exec: %d\n", fcntl(fds[0], F_GETFD));
	(void)!write(fds[1], "through", 7);
	(void)!read(fds[0], text, sizeof(text));
	printf("the pipe works: %s\n", text);
	got("after them", s[1], 64, 0);
	/* A read goes over the bytes before files, and ends where theirs do. */
	(void)!write(s[0], "four", 4);
	m.msg_control = u.buf;
	m.msg_controllen = sizeof(u.buf);
	memcpy(CMSG_DATA(c), fds, sizeof(fds));
	iov = (struct iovec){ "files", 5 };
	say("send them on", sendmsg(s[0], &m, 0));
	(void)!write(s[0], "last", 4);
	iov = (struct iovec){ text, sizeof(text) };
	m.msg_controllen = sizeof(u.buf);
	printf("read %zd with files ", recvmsg(s[1], &m, 0));
	printf("%d\n", m.msg_controllen == sizeof(u.buf));
	got("without", s[1], 64, 0);
	iov = (struct iovec){ &b, 1 };
	m.msg_control = u.buf;
	m.msg_controllen = sizeof(u.buf);
	fds[1] = 99;
	memcpy(CMSG_DATA(c), fds, sizeof(fds));
	say("send no file", sendmsg(s[0], &m, 0));
	fds[1] = fds[0];
	memcpy(CMSG_DATA(c), fds, sizeof(fds));
	sendmsg(s[0], &m, 0);
	m.msg_controllen = CMSG_LEN(sizeof(int));
	recvmsg(s[1], &m, 0);
	printf("room for one: %d\n", m.msg_controllen >= CMSG_LEN(sizeof(int)));
	close(s[0]);
	close(s[1]);
}

static struct sockaddr_un addr = { .sun_family = AF_UNIX };
static socklen_t addr_len;

static void show(const char *what, int (*get)(int, struct sockaddr *, socklen_t *), int fd)
{
	struct sockaddr_un a = { 0 };
	socklen_t len = sizeof(a);

	if (get(fd, (struct sockaddr *)&a, &len))
		printf("%s: %s\n", what, strerror(errno));
	else
		printf("%s: %u \"%s\"\n", what, len > 2 && a.sun_path[0] ? len - addr_len : len,
		       len > 2 && a.sun_path[0] ? "path" : len > 2 ? a.sun_path + 1 : "");
}

static int to_name(int fd, int (*call)(int, const struct sockaddr *, socklen_t))
{
	return call(fd, (struct sockaddr *)&addr, addr_len);
}

static void names(void)
{
	int l = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0), c, s, n;
	socklen_t len = sizeof(n);
	struct sockaddr_un abstract = { .sun_family = AF_UNIX, .sun_path = "\0forkscope-test" };

	state("unconnected", l);
	say("listen without a name", listen(l, 5));
	say("bind", to_name(l, bind));
	say("bind again", to_name(l, bind));
	s = socket(AF_UNIX, SOCK_STREAM, 0);
	say("a name that is taken", to_name(s, bind));
	say("nobody listens", to_name(s, connect));
	say("accept before listen", accept(l, NULL, NULL));
	say("send unconnected", send(s, "x", 1, 0));
	got("receive unconnected", s, 1, 0);
	say("listen", listen(l, 1));
	say("nobody there", accept(l, NULL, NULL));
	for (n = 0; n < 2; n++)
		to_name(socket(AF_UNIX, SOCK_STREAM, 0), connect);
	c = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	say("one too many", to_name(c, connect));
	accept(l, NULL, NULL);
	say("one fewer", to_name(c, connect));
	while (accept(l, NULL, NULL) >= 0)
		;
	state("listening", l);
	say("connect", to_name(s, connect));
	say("connect again", to_name(s, connect));
	state("somebody there", l);
	(void)!write(s, "early", 5);
	c = accept4(l, NULL, NULL, SOCK_NONBLOCK);
	say("accept", c);
	got("early", c, 64, 0);
	got("then nothing", c, 64, 0);
	show("name of the listener", getsockname, l);
	show("name of the accepted", getsockname, c);
	show("name of the client", getsockname, s);
	show("peer of the client", getpeername, s);
	show("peer of the listener", getpeername, l);
	n = 1;
	say("reuse", setsockopt(l, SOL_SOCKET, SO_REUSEADDR, &n, sizeof(n)));
	getsockopt(l, SOL_SOCKET, SO_ACCEPTCONN, &n, &len);
	printf("accepting %d\n", n);
	say("accept on a client", accept(s, NULL, NULL));
	close(s);
	got("client gone", c, 64, 0);
	close(c);
	s = socket(AF_UNIX, SOCK_STREAM, 0);
	to_name(s, connect);
	close(l);
	got("never accepted", s, 64, 0);
	close(s);
	s = socket(AF_UNIX, SOCK_STREAM, 0);
	say("listener gone", to_name(s, connect));
	unlink(addr.sun_path);
	say("name gone", to_name(s, connect));
	l = socket(AF_UNIX, SOCK_STREAM, 0);
	say("abstract", bind(l, (struct sockaddr *)&abstract, offsetof(struct sockaddr_un, sun_path) + 15));
	listen(l, 5);
	say("to it", connect(s, (struct sockaddr *)&abstract, offsetof(struct sockaddr_un, sun_path) + 15));
	show("its name", getpeername, s);
	say("open it", open(addr.sun_path, O_RDWR));
	close(l);
	close(s);
}

static void refused(void)
{
	int s = socket(AF_UNIX, SOCK_STREAM, 0), p[2], v[2];

	(void)!pipe(p);
	say("a pipe", listen(p[0], 1));
	say("nothing", listen(99, 1));
	say("type 9", socket(AF_UNIX, 9, 0));
	say("protocol 9", socket(AF_UNIX, SOCK_STREAM, 9));
	say("family 99", socket(99, SOCK_STREAM, 0));
	say("pair of family 99", socketpair(99, SOCK_STREAM, 0, v));
	say("pair to nowhere", socketpair(AF_UNIX, SOCK_STREAM, 0, (int *)-4096L));
	say("a short address", bind(s, (struct sockaddr *)&addr, 1));
	say("seek", lseek(s, 0, SEEK_SET));
	close(s);
}

/* Workers that share one listening socket answer squares. */
static void server(void)
{
	int l = socket(AF_UNIX, SOCK_STREAM, 0), i, n, sum = 0, status;
	pid_t workers[3];

	to_name(l, bind);
	listen(l, 8);
	for (i = 0; i < 3; i++)
		if (!(workers[i] = fork()))
			for (;;) {
				int c = accept(l, NULL, NULL);

				while (recv(c, &n, sizeof(n), MSG_WAITALL) == sizeof(n)) {
					n *= n;
					(void)!write(c, &n, sizeof(n));
				}
				close(c);
			}
	for (i = 0; i < 20; i++) {
		int c = socket(AF_UNIX, SOCK_STREAM, 0);

		to_name(c, connect);
		(void)!write(c, &i, sizeof(i));
		(void)!read(c, &n, sizeof(n));
		sum += n;
		close(c);
	}
	printf("sum of squares %d\n", sum);
	for (i = 0; i < 3; i++) {
		kill(workers[i], SIGTERM);
		waitpid(workers[i], &status, 0);
	}
	unlink(addr.sun_path);
}

/* More than fits waits for the reader; every byte comes, in order. */
static void bulk(void)
{
	static char buf[300000], in[7001];
	int s[2], i, n, bad = 0, total = 0;

	socketpair(AF_UNIX, SOCK_STREAM, 0, s);
	fflush(stdout);
	if (!fork()) {
		close(s[1]);
		for (i = 0; i < (int)sizeof(buf); i++)
			buf[i] = i * 7 >> 3;
		for (i = 0; i < 5; i++)
			(void)!write(s[0], buf, sizeof(buf));
		_exit(0);
	}
	close(s[0]);
	while ((n = read(s[1], in, sizeof(in))) > 0)
		for (i = 0; i < n; i++, total++)
			bad += in[i] != (char)(total % (int)sizeof(buf) * 7 >> 3);
	printf("%d bytes, %d wrong\n", total, bad);
	wait(NULL);
}

static void on_pipe(int sig) { (void)!write(1, "SIGPIPE\n", 8); }

int main(void)
{
	int s[2];

	setvbuf(stdout, NULL, _IOLBF, 0);
	addr_len = offsetof(struct sockaddr_un, sun_path) + 1 +
		   snprintf(addr.sun_path, sizeof(addr.sun_path), "/tmp/forkscope-%d.sock", getpid());
	pairs();
	travels();
	names();
	refused();
	server();
	bulk();
	signal(SIGPIPE, on_pipe);
	socketpair(AF_UNIX, SOCK_STREAM, 0, s);
	close(s[1]);
	fflush(stdout);
	say("write", write(s[0], "x", 1));
	return 0;
}
