/*
 * Starting other programs, without a shell and without anything of ours that they need not have: only
 * standard input, output and error are open in them, and no signal is ignored, caught or blocked.
 */
#ifndef DOORWARD_PROGRAM_H
#define DOORWARD_PROGRAM_H

#include <stdbool.h>
#include <sys/types.h>

struct program {
	const char *path;	  /* a path, or a name to be looked for in PATH */
	char *const *argv;	  /* ends with NULL */
	char *const *environment; /* ends with NULL */
	int input, output, error; /* what becomes 0, 1 and 2; -1, or none open: /dev/null */
	bool new_session;	  /* it lives on without our terminal and process group */
};

/*
 * Starts a program; without new_session it leads a process group of its own. 0, or the errno that says
 * why not. The caller waits for *pid_r.
 */
int program_start(const struct program *program, pid_t *pid_r);

#endif
