/* Record locks and flock between processes: who is kept out, and how it ends. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

static char name[] = "/tmp/forkscope-locks-XXXXXX";
static int fd, go[2], done[2];

static void say(const char *what, long ret)
{
	printf("%s: %s\n", what, ret < 0 ? strerror(errno) : "ok");
}

static int lock(int f, int cmd, int type, long start, long len)
{
	struct flock l = { .l_type = type, .l_whence = SEEK_SET,
			   .l_start = start, .l_len = len };

	return fcntl(f, cmd, &l);
}

static void query(const char *what, int f, int cmd, int type, long start, long len)
{
	struct flock l = { .l_type = type, .l_whence = SEEK_SET,
			   .l_start = start, .l_len = len };

	if (fcntl(f, cmd, &l))
		printf("%s: %s\n", what, strerror(errno));
	else if (l.l_type == F_UNLCK)
		printf("%s: free\n", what);
	else
		printf("%s: type %d, %ld for %ld, owner %s\n", what, l.l_type,
		       (long)l.l_start, (long)l.l_len,
		       l.l_pid == getppid() ? "the parent" : l.l_pid == -1 ? "a file" : "another");
}

/* A child does what it has to, and is waited for. */
static void child(void (*body)(void))
{
	int status;

	fflush(stdout);
	if (!fork()) {
		body();
		fflush(stdout);
		_exit(0);
	}
	wait(&status);
	if (status)
		printf("status %#x\n", status);
}

static void look(void)
{
	query("0..9", fd, F_GETLK, F_WRLCK, 0, 10);
	query("10..19", fd, F_GETLK, F_WRLCK, 10, 10);
	query("read of 20..29", fd, F_GETLK, F_RDLCK, 20, 10);
	query("write of 20..29", fd, F_GETLK, F_WRLCK, 20, 10);
	query("from 100", fd, F_GETLK, F_WRLCK, 100, 0);
	say("take 5", lock(fd, F_SETLK, F_WRLCK, 5, 1));
	say("share 25", lock(fd, F_SETLK, F_RDLCK, 25, 1));
}

static void closes(void)
{
	close(dup(fd));
}

static void ofd(void)
{
	int own = open(name, O_RDWR);

	query("by a file", own, F_OFD_GETLK, F_WRLCK, 0, 0);
	say("a file takes 50", lock(own, F_OFD_SETLK, F_WRLCK, 50, 1));
	query("of a file", fd, F_GETLK, F_WRLCK, 50, 1);
	say("the process takes 50", lock(fd, F_SETLK, F_WRLCK, 50, 1));
	close(own);
	say("the process takes 50 now", lock(fd, F_SETLK, F_WRLCK, 50, 1));
}

static void flocks(void)
{
	int own = open(name, O_RDWR);

	say("flock of another", flock(own, LOCK_EX | LOCK_NB));
	say("share", flock(own, LOCK_SH | LOCK_NB));
	say("the inherited one", flock(fd, LOCK_SH | LOCK_NB));
	say("share now", flock(own, LOCK_SH | LOCK_NB));
	say("upgrade", flock(own, LOCK_EX | LOCK_NB));
	say("flock of 7", flock(own, 7));
	close(own);
}

static void on_alarm(int sig) { (void)sig; }

static void interrupted(void)
{
	struct sigaction sa = { .sa_handler = on_alarm };

	sigaction(SIGALRM, &sa, NULL);
	alarm(1);
	say("waited, interrupted", lock(fd, F_SETLKW, F_WRLCK, 0, 1));
	alarm(1);
	say("flock, interrupted", flock(open(name, O_RDWR), LOCK_EX));
}

static void waits(void)
{
	(void)!write(go[1], "x", 1);
	say("waited", lock(fd, F_SETLKW, F_WRLCK, 0, 1));
}

static void deadlock(void)
{
	char c;

	say("child takes 1", lock(fd, F_SETLK, F_WRLCK, 1, 1));
	(void)!write(go[1], "x", 1);
	/* The parent waits for 1 by now, or will find 0 wanted: one of them is told. */
	(void)!read(done[0], &c, 1);
	if (lock(fd, F_SETLKW, F_WRLCK, 0, 1))
		printf("one has %s\n", strerror(errno));
}

static void counts(void)
{
	char buf[12];
	int i, n;

	for (i = 0; i < 50; i++) {
		lock(fd, F_SETLKW, F_WRLCK, 0, 0);
		n = pread(fd, buf, sizeof(buf) - 1, 0);
		buf[n > 0 ? n : 0] = 0;
		n = snprintf(buf, sizeof(buf), "%d", atoi(buf) + 1);
		(void)!pwrite(fd, buf, n, 0);
		lock(fd, F_SETLK, F_UNLCK, 0, 0);
	}
}

static void wrong(void)
{
	int rd = open(name, O_RDONLY), wr = open(name, O_WRONLY);
	struct flock l = { .l_type = F_WRLCK, .l_whence = 5 };

	say("write lock of a reader", lock(rd, F_SETLK, F_WRLCK, 0, 1));
	say("read lock of a writer", lock(wr, F_SETLK, F_RDLCK, 0, 1));
	say("type 7", lock(fd, F_SETLK, 7, 0, 1));
	say("whence 5", fcntl(fd, F_SETLK, &l));
	say("before the file", lock(fd, F_SETLK, F_WRLCK, -1, 1));
	say("backwards", lock(fd, F_SETLK, F_WRLCK, 10, -5));
	say("backwards too far", lock(fd, F_SETLK, F_WRLCK, 3, -5));
	say("query of nothing", lock(fd, F_GETLK, F_UNLCK, 0, 1));
	say("from nowhere", fcntl(fd, F_SETLK, NULL));
	l.l_whence = SEEK_SET;
	l.l_pid = 1;
	say("a file's with a pid", fcntl(fd, F_OFD_SETLK, &l));
	lock(fd, F_SETLK, F_UNLCK, 0, 0);
}

int main(void)
{
	int i, status;
	char c;

	setvbuf(stdout, NULL, _IOLBF, 0);
	fd = mkstemp(name);
	(void)!pipe(go);
	(void)!pipe(done);
	say("0..9", lock(fd, F_SETLK, F_WRLCK, 0, 10));
	say("20..39", lock(fd, F_SETLK, F_RDLCK, 20, 20));
	say("from 100", lock(fd, F_SETLK, F_WRLCK, 100, 0));
	child(look);
	say("25 upgraded", lock(fd, F_SETLK, F_WRLCK, 25, 1));
	say("0..9 given back but 4", lock(fd, F_SETLK, F_UNLCK, 0, 4) | lock(fd, F_SETLK, F_UNLCK, 5, 5));
	child(look);
	say("10..19 joins", lock(fd, F_SETLK, F_RDLCK, 10, 10) | lock(fd, F_SETLK, F_RDLCK, 25, 1));
	child(look);
	child(closes);
	child(look);
	close(dup(fd));
	child(look);
	wrong();
	say("50..59", lock(fd, F_SETLK, F_RDLCK, 50, 10));
	lock(fd, F_SETLK, F_UNLCK, 0, 0);
	child(ofd);

	say("flock", flock(fd, LOCK_EX));
	child(flocks);
	say("0", lock(fd, F_SETLK, F_WRLCK, 0, 1));
	say("flock again", flock(fd, LOCK_EX));
	child(interrupted);
	if (!fork()) {
		waits();
		exit(0);
	}
	(void)!read(go[0], &c, 1);
	usleep(20000);
	printf("given back\n");
	lock(fd, F_SETLK, F_UNLCK, 0, 1);
	wait(&status);

	lock(fd, F_SETLK, F_WRLCK, 0, 1);
	fflush(stdout);
	if (!fork()) {
		deadlock();
		exit(0);
	}
	(void)!read(go[0], &c, 1);
	(void)!write(done[1], "x", 1);
	if (lock(fd, F_SETLKW, F_WRLCK, 1, 1))
		printf("one has %s\n", strerror(errno));
	lock(fd, F_SETLK, F_UNLCK, 0, 0);
	wait(&status);

	for (i = 0; i < 4; i++)
		if (!fork()) {
			counts();
			_exit(0);
		}
	while (wait(&status) > 0)
		;
	lseek(fd, 0, SEEK_SET);
	char buf[12] = "";
	(void)!read(fd, buf, sizeof(buf) - 1);
	printf("counted %s\n", buf);
	unlink(name);
	return 0;
}
