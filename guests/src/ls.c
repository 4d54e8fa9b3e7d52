/*
 * ls [-l] [PATH...]: names, sorted; with -l also mode, links, size.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static int long_form;

static void show(const char *dir, const char *name)
{
	static const char types[] = "?pc?d?b?-?l?s???";
	char path[4200], target[256];
	struct stat st;
	ssize_t n;

	if (!long_form) {
		printf("%s\n", name);
		return;
	}
	snprintf(path, sizeof(path), "%s%s%s", dir, *dir ? "/" : "", name);
	if (lstat(path, &st)) {
		printf("?          %s: %s\n", name, strerror(errno));
		return;
	}
	printf("%c", types[(st.st_mode >> 12) & 15]);
	for (int bit = 8; bit >= 0; bit--)
		printf("%c", st.st_mode >> bit & 1 ? "xwr"[bit % 3] : '-');
	printf(" %3d ", (int)st.st_nlink);
	if (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode))
		printf("%4d,%3d", (int)major(st.st_rdev), (int)minor(st.st_rdev));
	else
		printf("%8lld", (long long)st.st_size);
	printf(" %s", name);
	n = S_ISLNK(st.st_mode) ? readlink(path, target, sizeof(target)) : 0;
	if (n > 0)
		printf(" -> %.*s", (int)n, target);
	printf("\n");
}

static int list(const char *path)
{
	struct dirent **entries;
	struct stat st;
	int n;

	if (stat(path, &st) == 0 && !S_ISDIR(st.st_mode)) {
		show("", path);
		return 0;
	}
	n = scandir(path, &entries, NULL, alphasort);
	if (n < 0) {
		fprintf(stderr, "ls: %s: %s\n", path, strerror(errno));
		return 1;
	}
	for (int i = 0; i < n; i++)
		if (entries[i]->d_name[0] != '.')
			show(path, entries[i]->d_name);
	return 0;
}

int main(int argc, char **argv)
{
	int first = 1, status = 0;

	if (argc > 1 && strcmp(argv[1], "-l") == 0) {
		long_form = 1;
		first = 2;
	}
	if (first == argc)
		return list(".");
	for (int i = first; i < argc; i++)
		status |= list(argv[i]);
	return status;
}
