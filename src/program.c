#include "program.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

#ifndef POSIX_SPAWN_SETSID
#define POSIX_SPAWN_SETSID POSIX_SPAWN_SETPGROUP /* the nearest that POSIX has */
#endif

/* What a system without closefrom(3) in posix_spawn(3) is looked through for open descriptors. */
#define DESCRIPTORS_MOST 1024

static bool is_open(int descriptor)
{
	return descriptor >= 0 && fcntl(descriptor, F_GETFD) != -1;
}

static int add_standard(posix_spawn_file_actions_t *actions, int number, int descriptor)
{
	if (is_open(descriptor))
		return posix_spawn_file_actions_adddup2(actions, descriptor, number);
	return posix_spawn_file_actions_addopen(actions, number, "/dev/null", O_RDWR, 0);
}

static int add_close_others(posix_spawn_file_actions_t *actions)
{
#ifdef HAVE_POSIX_SPAWN_FILE_ACTIONS_ADDCLOSEFROM_NP
	return posix_spawn_file_actions_addclosefrom_np(actions, STDERR_FILENO + 1);
#else
	int error = 0;

	for (int at = STDERR_FILENO + 1; !error && at < DESCRIPTORS_MOST; at++) {
		if (is_open(at))
			error = posix_spawn_file_actions_addclose(actions, at);
	}
	return error;
#endif
}

static int set_attributes(posix_spawnattr_t *attributes, bool new_session)
{
	int flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK |
		    (new_session ? POSIX_SPAWN_SETSID : POSIX_SPAWN_SETPGROUP);
	sigset_t all, none;
	int error;

	sigfillset(&all);
	sigdelset(&all, SIGKILL);
	sigdelset(&all, SIGSTOP);
	sigemptyset(&none);
	if ((error = posix_spawnattr_setsigdefault(attributes, &all)) ||
	    (error = posix_spawnattr_setsigmask(attributes, &none)) ||
	    (error = posix_spawnattr_setpgroup(attributes, 0)))
		return error;
	return posix_spawnattr_setflags(attributes, (short)flags);
}

static int set_actions(posix_spawn_file_actions_t *actions, const struct program *program)
{
	const int from[] = { program->input, program->output, program->error };
	int error = 0;

	for (int number = 0; !error && number < 3; number++)
		error = add_standard(actions, number, from[number]);
	return error ? error : add_close_others(actions);
}

int program_start(const struct program *program, pid_t *pid_r)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int error = posix_spawn_file_actions_init(&actions);

	if (error)
		return error;
	error = posix_spawnattr_init(&attributes);
	if (!error) {
		error = set_actions(&actions, program);
		if (!error)
			error = set_attributes(&attributes, program->new_session);
		if (!error)
			error = posix_spawnp(pid_r, program->path, &actions, &attributes,
					     program->argv, program->environment);
		posix_spawnattr_destroy(&attributes);
	}
	posix_spawn_file_actions_destroy(&actions);
	return error;
}
