/*
 * shell: a small line shell for the console.
 *
 * Words, 'quotes' and "quotes"; pipelines with |; redirection with < > >>; ; and &&
 * between commands; & at the end; cd, exit, wait, help. Programs without a
 * slash are looked for in /bin.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_LINE	1024
#define MAX_WORDS	128

static int last_status;

struct line {
	char text[2 * MAX_LINE];	/* the words, NUL-terminated */
	char *word[MAX_WORDS];
	char quoted[MAX_WORDS];		/* never an operator */
	int n;
};

/* Splits into words and operators; -1 and a message when that can't be. */
static int split(const char *s, struct line *line)
{
	char *out = line->text;

	line->n = 0;
	for (;;) {
		s += strspn(s, " \t\n");
		if (!*s || *s == '#')
			return 0;
		if (line->n == MAX_WORDS - 1) {
			fprintf(stderr, "shell: too many words\n");
			return -1;
		}
		line->quoted[line->n] = 0;
		line->word[line->n++] = out;
		if (strchr("|<>;&", *s)) {
			char op = *s;

			*out++ = *s++;
			if ((op == '>' || op == '&') && *s == op)
				*out++ = *s++;
			*out++ = '\0';
			continue;
		}
		while (*s && !strchr(" \t\n|<>;&", *s)) {
			if (*s == '\'' || *s == '"') {
				const char *end = strchr(s + 1, *s);

				if (!end) {
					fprintf(stderr, "shell: a quote is not closed\n");
					return -1;
				}
				memcpy(out, s + 1, end - s - 1);
				out += end - s - 1;
				s = end + 1;
				line->quoted[line->n - 1] = 1;
			} else {
				*out++ = *s++;
			}
		}
		*out++ = '\0';
	}
}

static int is_op(const struct line *line, int i, const char *op)
{
	return i < line->n && !line->quoted[i] && strcmp(line->word[i], op) == 0;
}

static void run_program(char **argv)
{
	char path[MAX_LINE + 8];

	if (strchr(argv[0], '/'))
		snprintf(path, sizeof(path), "%s", argv[0]);
	else
		snprintf(path, sizeof(path), "/bin/%s", argv[0]);
	execv(path, argv);
	fprintf(stderr, "shell: %s: %s\n", argv[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

/* One command of a pipeline, words [from, to), in a child. */
static void run_command(struct line *line, int from, int to)
{
	char *argv[MAX_WORDS];
	int n = 0;

	for (int i = from; i < to; i++) {
		int fd, target = 1, flags = O_WRONLY | O_CREAT | O_TRUNC;

		if (is_op(line, i, "<")) {
			target = 0;
			flags = O_RDONLY;
		} else if (is_op(line, i, ">>")) {
			flags = O_WRONLY | O_CREAT | O_APPEND;
		} else if (!is_op(line, i, ">")) {
			argv[n++] = line->word[i];
			continue;
		}
		if (++i == to) {
			fprintf(stderr, "shell: no file after a redirection\n");
			_exit(2);
		}
		fd = open(line->word[i], flags, 0666);
		if (fd < 0) {
			fprintf(stderr, "shell: %s: %s\n", line->word[i], strerror(errno));
			_exit(1);
		}
		dup2(fd, target);
		close(fd);
	}
	argv[n] = NULL;
	if (n == 0)
		_exit(0);
	signal(SIGINT, SIG_DFL);
	run_program(argv);
}

/* Words [from, to): commands joined by |. Returns the last one's status. */
static int run_pipeline(struct line *line, int from, int to, int background)
{
	int in = -1, fd[2], status = 0;
	pid_t last = -1, pid;

	while (from < to) {
		int end = from, more;

		while (end < to && !is_op(line, end, "|"))
			end++;
		more = end < to;
		if (end == from || (more && end + 1 == to)) {
			fprintf(stderr, "shell: nothing to pipe\n");
			break;
		}
		if (more && pipe(fd) < 0) {
			perror("shell: pipe");
			break;
		}
		pid = fork();
		if (pid < 0) {
			perror("shell: fork");
			break;
		}
		if (pid == 0) {
			if (in >= 0) {
				dup2(in, 0);
				close(in);
			}
			if (more) {
				dup2(fd[1], 1);
				close(fd[0]);
				close(fd[1]);
			}
			run_command(line, from, end);
		}
		if (in >= 0)
			close(in);
		in = -1;
		if (more) {
			close(fd[1]);
			in = fd[0];
		}
		last = pid;
		from = end + more;
	}
	if (in >= 0)
		close(in);
	if (last < 0)
		return 2;
	if (background) {
		printf("[%d]\n", last);
		return 0;
	}
	while ((pid = wait(&status)) > 0 && pid != last)
		;
	if (WIFSIGNALED(status)) {
		printf("%s\n", strsignal(WTERMSIG(status)));
		return 128 + WTERMSIG(status);
	}
	return WEXITSTATUS(status);
}

static void help(void)
{
	printf("cd DIR, exit [N], wait, help; else a program of /bin, with | < > >> ; && &\n");
}

/* A command of the shell itself? */
static int builtin(struct line *line, int from, int to)
{
	const char *arg = from + 1 < to ? line->word[from + 1] : NULL;

	if (strcmp(line->word[from], "cd") == 0) {
		last_status = chdir(arg ? arg : "/") ? 1 : 0;
		if (last_status)
			fprintf(stderr, "shell: %s: %s\n", arg, strerror(errno));
	} else if (strcmp(line->word[from], "exit") == 0) {
		exit(arg ? atoi(arg) : last_status);
	} else if (strcmp(line->word[from], "wait") == 0) {
		while (wait(NULL) > 0)
			;
		last_status = 0;
	} else if (strcmp(line->word[from], "help") == 0) {
		help();
		last_status = 0;
	} else {
		return 0;
	}
	return 1;
}

static void run_line(const char *text)
{
	static struct line line;
	int from = 0, skip = 0;

	if (split(text, &line) < 0) {
		last_status = 2;
		return;
	}
	while (from < line.n) {
		int end = from, background, and;

		while (end < line.n && !is_op(&line, end, ";") &&
		       !is_op(&line, end, "&&") && !is_op(&line, end, "&"))
			end++;
		background = is_op(&line, end, "&");
		and = is_op(&line, end, "&&");
		if (end > from && !skip && (background || !builtin(&line, from, end)))
			last_status = run_pipeline(&line, from, end, background);
		skip = and && (skip || last_status != 0);
		from = end + 1;
	}
}

int main(int argc, char **argv)
{
	char text[MAX_LINE];

	if (argc > 2 && strcmp(argv[1], "-c") == 0) {
		run_line(argv[2]);
		return last_status;
	}
	signal(SIGINT, SIG_IGN);
	for (;;) {
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		if (isatty(0)) {
			printf("$ ");
			fflush(stdout);
		}
		if (!fgets(text, sizeof(text), stdin))
			break;
		run_line(text);
		fflush(stdout);
	}
	return last_status;
}
