/*
 * How many password hashes so many processes compute in so many seconds with nothing else to do:
 * "crypt COST PROCESSES SECONDS" prints yescrypt hashes of that cost per second.
 */
#include <crypt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PASSWORD "quite a long password"

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Hashes until seconds have passed; returns how often per second. */
static double rate(const char *setting, double seconds)
{
	static struct crypt_data data;
	double start = now(), end = start;
	long count = 0;

	while (end - start < seconds) {
		if (!crypt_r(PASSWORD, setting, &data))
			exit(1);
		count++;
		end = now();
	}
	return (double)count / (end - start);
}

/* Starts one process that writes its rate to the pipe. */
static int start(int pipe, const char *setting, double seconds)
{
	pid_t child = fork();
	double result;

	if (child != 0)
		return child > 0;
	result = rate(setting, seconds);
	_exit(write(pipe, &result, sizeof(result)) == sizeof(result) ? 0 : 1);
}

int main(int argc, char **argv)
{
	int pipes[2], processes = argc == 4 ? atoi(argv[2]) : 0;
	char setting[CRYPT_GENSALT_OUTPUT_SIZE];
	double result, sum = 0;

	if (processes < 1) {
		fprintf(stderr, "usage: crypt COST PROCESSES SECONDS\n");
		return 2;
	}
	if (!crypt_gensalt_rn("$y$", strtoul(argv[1], NULL, 10), NULL, 0, setting,
			      sizeof(setting)) ||
	    pipe(pipes) != 0)
		return 1;
	for (int i = 0; i < processes; i++) {
		if (!start(pipes[1], setting, atof(argv[3])))
			return 1;
	}
	close(pipes[1]);
	for (int i = 0; i < processes; i++) {
		if (read(pipes[0], &result, sizeof(result)) != sizeof(result))
			return 1;
		sum += result;
	}
	while (wait(NULL) > 0)
		;
	printf("%.3f\n", sum);
	return 0;
}
