/*
 * ps: pid, parent, state and name of every process, from /proc.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int by_pid(const struct dirent **a, const struct dirent **b)
{
	return atoi((*a)->d_name) - atoi((*b)->d_name);
}

static int is_pid(const struct dirent *d)
{
	return isdigit((unsigned char)d->d_name[0]);
}

int main(void)
{
	struct dirent **entries;
	int n = scandir("/proc", &entries, is_pid, by_pid);

	if (n < 0) {
		fprintf(stderr, "ps: /proc: %s\n", strerror(errno));
		return 1;
	}
	printf("%5s %5s S NAME\n", "PID", "PPID");
	for (int i = 0; i < n; i++) {
		char path[300], line[512], *name, *end, state;
		int ppid;
		FILE *f;

		snprintf(path, sizeof(path), "/proc/%s/stat", entries[i]->d_name);
		f = fopen(path, "r");
		if (!f)
			continue;	/* it has just gone */
		/* pid (name) state ppid ...: the name may hold anything. */
		if (fgets(line, sizeof(line), f) && (name = strchr(line, '(')) &&
		    (end = strrchr(line, ')')) &&
		    sscanf(end + 1, " %c %d", &state, &ppid) == 2)
			printf("%5s %5d %c %.*s\n", entries[i]->d_name, ppid, state,
			       (int)(end - name - 1), name + 1);
		fclose(f);
	}
	return 0;
}
