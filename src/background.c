#include "background.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "prefix.h"
#include "program.h"

#define COMMAND "doorward"

static const struct {
	const char *group, *verb;
	const char *meanwhile; /* for the log, where it cannot be started */
} jobs[BACKGROUND__MAX] = {
	[BACKGROUND_MAIL] = { "mail", "flush", "a mail waits" },
	[BACKGROUND_LEARN] = { "database", "learn", "recommendations stay as they are" },
};

/* What the command and a sendmail program may need of our environment. */
static const char *const kept[] = {
	"PATH", "HOME", "LANG", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS",
};

#define KEPT (sizeof(kept) / sizeof(kept[0]))

/* The command beside the running program, where it is before it is installed; else where it goes. */
static void find_command(char path_r[PATH_MAX])
{
	char self[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash, *installed;

	if (length > 0) {
		self[length] = '\0';
		slash = strrchr(self, '/');
		if (slash &&
		    (size_t)snprintf(path_r, PATH_MAX, "%.*s/" COMMAND, (int)(slash - self), self) <
			    PATH_MAX &&
		    access(path_r, X_OK) == 0)
			return;
	}
	installed = prefix_path(BINDIR "/" COMMAND);
	snprintf(path_r, PATH_MAX, "%s", installed ? installed : COMMAND);
	free(installed);
}

/* "NAME=value" for each that is set. The caller frees each and the list with free_environment(). */
static char **make_environment(const struct config *config)
{
	char **environment = calloc(KEPT + 2, sizeof(*environment));
	size_t count = 0;

	if (!environment || asprintf(&environment[count], "DOORWARD_CONF=%s", config->file) < 0) {
		free(environment);
		return NULL;
	}
	count++;
	for (size_t i = 0; i < KEPT; i++) {
		const char *value = getenv(kept[i]);

		if (!value)
			continue;
		if (asprintf(&environment[count], "%s=%s", kept[i], value) < 0)
			environment[count] = NULL;
		else
			count++;
	}
	return environment;
}

static void free_environment(char **environment)
{
	for (size_t i = 0; environment && environment[i]; i++)
		free(environment[i]);
	free(environment);
}

/*
 * Where the command says what it does. A server that reads a CGI program's standard error to its end,
 * as Apache's mod_cgi does, would hold back the answer until the work is done.
 */
static int error_output(const struct config *config)
{
	struct stat stat_of;

	if (config->log_target == LOG_TO_SYSLOG || fstat(STDERR_FILENO, &stat_of) != 0)
		return -1;
	return getenv("GATEWAY_INTERFACE") && S_ISFIFO(stat_of.st_mode) ? -1 : STDERR_FILENO;
}

void background_start(const struct config *config, enum background job)
{
	const struct sigaction forget = { .sa_handler = SIG_DFL, .sa_flags = SA_NOCLDWAIT };
	char command[PATH_MAX];
	char *argv[] = { command,
			 (char *)"--config",
			 config->file,
			 (char *)jobs[job].group,
			 (char *)jobs[job].verb,
			 (char *)"--quiet",
			 NULL };
	char **environment = make_environment(config);
	const struct program program = {
		.path = command,
		.argv = argv,
		.environment = environment,
		.input = -1,
		.output = -1,
		.error = error_output(config),
		.new_session = true,
	};
	int error;
	pid_t pid;

	find_command(command);
	if (environment) {
		sigaction(SIGCHLD, &forget, NULL);
		error = program_start(&program, &pid);
		if (error)
			log_line(LOG_ERR, "cannot start %s, %s: %s", command, jobs[job].meanwhile,
				 strerror(error));
	}
	free_environment(environment);
}
