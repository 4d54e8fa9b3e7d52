// SPDX-License-Identifier: MIT
/* "#!interpreter [one argument]": run the interpreter on the script. */
#include <linux/binfmts.h>
#include <linux/fs.h>
#include <linux/string.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static int push_arg(const char *arg, struct linux_binprm *bprm)
{
	bprm->argc++;
	return copy_string_kernel(arg, bprm);
}

int load_script(struct linux_binprm *bprm)
{
	char line[BINPRM_BUF_SIZE + 1], *name, *end, *arg;
	struct file *file;
	int error;

	memcpy(line, bprm->buf, BINPRM_BUF_SIZE);
	line[BINPRM_BUF_SIZE] = '\0';
	end = strchr(line, '\n');
	if (!end) {
		/* A line that does not fit: fine if the name at least ended. */
		for (name = line + 2; is_blank(*name); name++)
			;
		for (end = name; *end && !is_blank(*end); end++)
			;
		if (end == line + BINPRM_BUF_SIZE)
			return -ENOEXEC;
		end = line + strlen(line);
	}
	while (end > line + 2 && is_blank(end[-1]))
		end--;
	*end = '\0';
	for (name = line + 2; is_blank(*name); name++)
		;
	if (!*name)
		return -ENOEXEC;
	for (arg = name; *arg && !is_blank(*arg); arg++)
		;
	while (is_blank(*arg))
		*arg++ = '\0';

	/* argv[0] becomes: interpreter, its argument, the script's path. */
	error = remove_arg_zero(bprm);
	if (error)
		return error;
	error = push_arg(bprm->interp, bprm);
	if (!error && *arg)
		error = push_arg(arg, bprm);
	if (!error)
		error = push_arg(name, bprm);
	if (!error)
		error = bprm_change_interp(name, bprm);
	if (error)
		return error;

	file = open_exec(name);
	if (IS_ERR(file))
		return PTR_ERR(file);
	fput(bprm->file);
	bprm->file = file;
	return 0;
}
