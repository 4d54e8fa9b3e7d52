/*
 * files: the initramfs, devices, descriptors and directories.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <unistd.h>

static char buf[8192];

static void check(int ok, const char *what)
{
	if (ok)
		return;
	printf("files: %s: wrong (%s)\n", what, strerror(errno));
	exit(1);
}

static const char *error(int r)
{
	return r < 0 ? strerror(errno) : "no error";
}

static void initramfs(void)
{
	struct stat st;
	int fd, n;

	fd = open("/etc/motd", O_RDONLY);
	n = read(fd, buf, sizeof(buf));
	check(n > 0, "read");
	printf("files: /etc/motd: %.*s", n, buf);
	check(fstat(fd, &st) == 0, "fstat");
	printf("files: mode %o, size %d, links %d, owner %d\n", (unsigned)st.st_mode,
	       (int)st.st_size, (int)st.st_nlink, (int)st.st_uid);
	check(read(fd, buf, 1) == 0, "end of file");
	check(lseek(fd, -5, SEEK_END) == n - 5 && read(fd, buf, 100) == 5, "lseek");
	close(fd);
	n = readlink("/etc/greeting", buf, sizeof(buf));
	check(n > 0, "readlink");
	check(lstat("/etc/greeting", &st) == 0 && S_ISLNK(st.st_mode), "lstat");
	check(stat("/etc/greeting", &st) == 0 && S_ISREG(st.st_mode), "stat");
	printf("files: /etc/greeting -> %.*s, %d bytes behind it\n", n, buf, (int)st.st_size);
	check(stat("/tmp", &st) == 0, "stat");
	printf("files: /tmp: mode %o\n", (unsigned)st.st_mode);
}

static void devices(void)
{
	struct stat st;
	int fd;

	fd = open("/dev/null", O_RDWR);
	check(write(fd, buf, 1000) == 1000 && read(fd, buf, 10) == 0, "/dev/null");
	check(fstat(fd, &st) == 0 && S_ISCHR(st.st_mode), "fstat");
	printf("files: /dev/null is device %d:%d\n", (int)major(st.st_rdev),
	       (int)minor(st.st_rdev));
	close(fd);
	fd = open("/dev/zero", O_RDONLY);
	memset(buf, 1, sizeof(buf));
	check(read(fd, buf, 5000) == 5000 && buf[0] == 0 && buf[4999] == 0 &&
	      buf[5000] == 1, "/dev/zero");
	close(fd);
}

static void descriptors(void)
{
	struct iovec iov[3] = { { "one ", 4 }, { "", 0 }, { "two", 3 } };
	int fd, fd2;

	fd = open("/tmp/file", O_RDWR | O_CREAT | O_EXCL, 0640);
	check(fd >= 0, "create");
	printf("files: O_EXCL again: %s\n", error(open("/tmp/file", O_CREAT | O_EXCL, 0)));
	check(writev(fd, iov, 3) == 7, "writev");
	fd2 = dup(fd);
	check(lseek(fd2, 0, SEEK_CUR) == 7, "dup shares the position");
	check(pwrite(fd, "ONE", 3, 0) == 3, "pwrite");
	check(lseek(fd, 0, SEEK_CUR) == 7, "pwrite leaves the position");
	check(pread(fd2, buf, 100, 0) == 7 && memcmp(buf, "ONE two", 7) == 0, "pread");
	check(fcntl(fd, F_GETFD) == 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 &&
	      fcntl(fd, F_GETFD) == FD_CLOEXEC && fcntl(fd2, F_GETFD) == 0, "FD_CLOEXEC");
	check(dup2(fd, 30) == 30 && fcntl(fd, F_DUPFD, 40) == 40, "dup2, F_DUPFD");
	close(fd);
	printf("files: closed: %s\n", error(read(fd, buf, 1)));
	check(lseek(fd2, 100000, SEEK_SET) == 100000 && write(fd2, "x", 1) == 1, "sparse");
	check(pread(fd2, buf, 10, 50000) == 10 && buf[0] == 0 && buf[9] == 0, "hole");
	check(ftruncate(fd2, 3) == 0 && lseek(fd2, 0, SEEK_END) == 3, "ftruncate");
	close(fd2);
	fd = open("/tmp/file", O_WRONLY | O_APPEND);
	check(write(fd, "+", 1) == 1, "append");
	printf("files: read of a write-only one: %s\n", error(read(fd, buf, 1)));
	close(fd);
	fd = open("/tmp/file", O_RDONLY);
	check(read(fd, buf, 100) == 4 && memcmp(buf, "ONE+", 4) == 0, "contents");
	printf("files: write to a read-only one: %s\n", error(write(fd, buf, 1)));
	check(unlink("/tmp/file") == 0, "unlink");
	check(pread(fd, buf, 100, 0) == 4, "an unlinked file lives while open");
	close(fd);
	printf("files: open after unlink: %s\n", error(open("/tmp/file", O_RDONLY)));
	close(30);
	close(40);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void list(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *d;
	char *names[100];
	int n = 0;

	check(dir != NULL, "opendir");
	while ((d = readdir(dir)) && n < 100)
		names[n++] = strdup(d->d_name);
	closedir(dir);
	qsort(names, n, sizeof(*names), by_name);
	printf("files: %s:", path);
	for (int i = 0; i < n; i++)
		printf(" %s", names[i]);
	printf("\n");
}

static void directories(void)
{
	int fd;

	check(mkdir("/tmp/d", 0755) == 0 && mkdir("/tmp/d/e", 0700) == 0, "mkdir");
	printf("files: mkdir again: %s\n", error(mkdir("/tmp/d", 0755)));
	check(chdir("/tmp/d") == 0 && getcwd(buf, sizeof(buf)), "chdir");
	printf("files: now in %s\n", buf);
	fd = open("f", O_WRONLY | O_CREAT, 0600);
	check(fd >= 0, "relative open");
	close(fd);
	check(link("f", "g") == 0 && rename("f", "e/h") == 0, "link, rename");
	check(symlink("../d/e", "s") == 0, "symlink");
	list("/tmp/d");
	list("/tmp/d/s/../e");
	printf("files: rmdir of a full one: %s\n", error(rmdir("/tmp/d")));
	check(unlink("s/h") == 0 && unlink("g") == 0 && unlink("s") == 0 &&
	      rmdir("e") == 0 && chdir("/") == 0 && rmdir("/tmp/d") == 0, "clean up");
	printf("files: open of a missing directory: %s\n", error(open("/no/such", O_RDONLY)));
	printf("files: a file as a directory: %s\n", error(open("/etc/motd/x", O_RDONLY)));
	printf("files: writing a directory: %s\n", error(open("/etc", O_WRONLY)));
	check(symlink("loop", "/tmp/loop") == 0, "symlink");
	printf("files: a symlink to itself: %s\n", error(open("/tmp/loop", O_RDONLY)));
	unlink("/tmp/loop");
	memset(buf, 'a', 5000);
	buf[0] = '/';
	buf[5000] = '\0';
	printf("files: a name too long: %s\n", error(open(buf, O_RDONLY)));
}

static void limits(void)
{
	int fd, n = 0;

	while ((fd = open("/dev/null", O_RDONLY)) >= 0)
		n++;
	printf("files: too many: %s\n", strerror(errno));
	check(n > 200, "number of descriptors");
	for (fd = 3; fd < n + 3; fd++)
		close(fd);
	check(fcntl(1, F_GETFL) >= 0, "standard output survives");
	printf("files: ioctl of a file: %s\n",
	       error(ioctl(open("/etc/motd", O_RDONLY), TIOCGWINSZ, buf)));
}

int main(void)
{
	umask(022);
	initramfs();
	devices();
	descriptors();
	directories();
	limits();
	printf("files: ok\n");
	return 0;
}
