/* Mails to the sendmail command, which each mail server brings its own of. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "mail-transport.h"
#include "program.h"
#include "text.h"

#define SAID_SIZE 256
#define TICK_MS 20 /* between looks at whether it has ended */

struct sendmail {
	char *words;	 /* the command, a zero byte after each word */
	char **argv;	 /* points into it */
	size_t count;	 /* of the words */
	int64_t timeout; /* seconds */
};

/* One run of the command. */
struct run {
	pid_t pid;
	int input, error; /* our ends of its pipes; -1 when closed */
	const char *data; /* what it has not taken yet */
	size_t size;
	char said[SAID_SIZE]; /* the beginning of what it wrote to standard error */
	size_t said_size;
	bool unknown; /* it has ended, and nobody can say how */
};

static void close_sendmail(void *state)
{
	struct sendmail *sendmail = state;

	free(sendmail->argv);
	free(sendmail->words);
	free(sendmail);
}

static void *open_sendmail(const struct config *config)
{
	struct sendmail *sendmail = calloc(1, sizeof(*sendmail));
	char *rest;

	if (!sendmail)
		return NULL;
	/* where it is ignored, as who started us may have it, no child's status is kept */
	signal(SIGCHLD, SIG_DFL);
	sendmail->timeout = config->mail_timeout;
	sendmail->words = strdup(config->mail_sendmail);
	/* no text has more words than half its characters; then "-f", its value, NULL */
	sendmail->argv = calloc(strlen(config->mail_sendmail) / 2 + 4, sizeof(char *));
	if (!sendmail->words || !sendmail->argv) {
		close_sendmail(sendmail);
		return NULL;
	}
	for (char *word = strtok_r(sendmail->words, " \t", &rest); word;
	     word = strtok_r(NULL, " \t", &rest))
		sendmail->argv[sendmail->count++] = word;
	return sendmail;
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void close_end(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static bool start(const struct sendmail *sendmail, struct run *run, char why_r[MAIL_WHY_SIZE])
{
	int input[2] = { -1, -1 }, error[2] = { -1, -1 }, failed = 0;

	if (pipe2(input, O_CLOEXEC) != 0 || pipe2(error, O_CLOEXEC) != 0)
		failed = errno;
	if (!failed) {
		const struct program program = {
			.path = sendmail->argv[0],
			.argv = sendmail->argv,
			.environment = environ,
			.input = input[0],
			.output = -1,
			.error = error[1],
		};

		failed = program_start(&program, &run->pid);
	}
	close_end(&input[0]);
	close_end(&error[1]);
	run->input = input[1];
	run->error = error[0];
	if (!failed && fcntl(run->input, F_SETFL, O_NONBLOCK) == 0 &&
	    fcntl(run->error, F_SETFL, O_NONBLOCK) == 0)
		return true;
	snprintf(why_r, MAIL_WHY_SIZE, "%s: %s", sendmail->argv[0], strerror(failed));
	return false;
}

/* Gives it what it takes. One that takes no more may yet say why, so that is no failure here. */
static void feed(struct run *run)
{
	ssize_t written = write(run->input, run->data, run->size);

	if (written > 0) {
		run->data += written;
		run->size -= (size_t)written;
	} else if (written < 0 && errno != EAGAIN && errno != EINTR) {
		close_end(&run->input);
	}
	if (run->size == 0)
		close_end(&run->input);
}

/* Takes what it says; what is beyond the beginning is thrown away. False at the end, for now or ever. */
static bool listen_to(struct run *run)
{
	char buffer[1024];
	ssize_t got = read(run->error, buffer, sizeof(buffer));
	size_t room = SAID_SIZE - 1 - run->said_size, length = got > 0 ? (size_t)got : 0;

	memcpy(run->said + run->said_size, buffer, length < room ? length : room);
	run->said_size += length < room ? length : room;
	if (got == 0)
		close_end(&run->error);
	return got > 0;
}

/* Talks to it until it has ended; false when its time is over first. */
static bool attend(struct run *run, int64_t deadline, int *status_r)
{
	pid_t ended;

	while ((ended = waitpid(run->pid, status_r, WNOHANG)) == 0 ||
	       (ended < 0 && errno == EINTR)) {
		struct pollfd ends[] = { { .fd = run->input, .events = POLLOUT },
					 { .fd = run->error, .events = POLLIN } };

		if (now_ms() >= deadline)
			return false;
		if (poll(ends, 2, TICK_MS) <= 0)
			continue;
		if (ends[0].revents)
			feed(run);
		if (ends[1].revents)
			listen_to(run);
	}
	run->unknown = ended < 0;
	while (run->error >= 0 && listen_to(run))
		;
	return true;
}

static bool judge(const struct sendmail *sendmail, struct run *run, int status,
		  char why_r[MAIL_WHY_SIZE])
{
	const char *program = sendmail->argv[0];

	if (!run->unknown && WIFEXITED(status) && WEXITSTATUS(status) == 0 && run->size == 0)
		return true;
	run->said[strcspn(run->said, "\r\n")] = '\0';
	text_clean(run->said);
	if (run->unknown)
		snprintf(why_r, MAIL_WHY_SIZE, "%s ended, its status is not known", program);
	else if (WIFSIGNALED(status))
		snprintf(why_r, MAIL_WHY_SIZE, "%s was ended by signal %d", program,
			 WTERMSIG(status));
	else if (WEXITSTATUS(status) != 0)
		snprintf(why_r, MAIL_WHY_SIZE, "%s exited with status %d%s%s", program,
			 WEXITSTATUS(status), *run->said ? ": " : "", run->said);
	else
		snprintf(why_r, MAIL_WHY_SIZE, "%s did not read the whole message", program);
	return false;
}

static bool send_sendmail(void *state, const struct mail_message *message,
			  char why_r[MAIL_WHY_SIZE])
{
	struct sendmail *sendmail = state;
	struct run run = { .pid = -1, .data = message->text, .size = message->size };
	int64_t deadline = now_ms() + sendmail->timeout * 1000;
	int status = 0;
	bool good;

	sendmail->argv[sendmail->count] = (char *)"-f";
	sendmail->argv[sendmail->count + 1] = message->from;
	good = start(sendmail, &run, why_r);
	if (good && attend(&run, deadline, &status)) {
		good = judge(sendmail, &run, status, why_r);
	} else if (run.pid > 0) {
		/* it leads a group: what it started goes with it */
		kill(-run.pid, SIGKILL);
		waitpid(run.pid, &status, 0);
		if (good)
			snprintf(why_r, MAIL_WHY_SIZE, "%s took longer than %lld s",
				 sendmail->argv[0], (long long)sendmail->timeout);
		good = false;
	}
	close_end(&run.input);
	close_end(&run.error);
	return good;
}

const struct mail_driver mail_sendmail = {
	.newline = MAIL_LF,
	.open = open_sendmail,
	.send = send_sendmail,
	.close = close_sendmail,
};
