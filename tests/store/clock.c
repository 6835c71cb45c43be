/*
 * The clock of tests/store/clocked, a responder to whom it can be told that its clock was set: by the linker
 * in the place of time(2) and clock_gettime(2), with as many seconds more as the file says that CLOCK_OFFSET
 * names. Nobody sets the other clocks.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int __real_clock_gettime(clockid_t clock, struct timespec *now_r);
int __wrap_clock_gettime(clockid_t clock, struct timespec *now_r);
time_t __wrap_time(time_t *now_r);

static time_t offset(void)
{
	const char *path = getenv("CLOCK_OFFSET");
	FILE *file = path ? fopen(path, "re") : NULL;
	long long seconds = 0;

	if (!file || fscanf(file, "%lld", &seconds) != 1)
		abort();
	fclose(file);
	return (time_t)seconds;
}

int __wrap_clock_gettime(clockid_t clock, struct timespec *now_r)
{
	int error = __real_clock_gettime(clock, now_r);

	if (!error && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
		now_r->tv_sec += offset();
	return error;
}

time_t __wrap_time(time_t *now_r)
{
	struct timespec now;

	if (__wrap_clock_gettime(CLOCK_REALTIME, &now) != 0)
		return -1;
	if (now_r)
		*now_r = now.tv_sec;
	return now.tv_sec;
}
