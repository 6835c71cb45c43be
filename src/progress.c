#include "progress.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "encode.h"

#define WIDTH 30
#define LEAST_PAUSE 0.1 /* seconds between two drawings */
#define SETTLED 1.0	/* seconds until the rate says something */

void progress_begin(struct progress *progress_r, const char *what, int64_t total, const char *unit)
{
	*progress_r = (struct progress){ .what = what,
					 .total = total,
					 .unit = unit,
					 .shown = isatty(STDERR_FILENO),
					 .started = time_now() };
}

/* "12.3 M", so that every number takes the same room. */
static void shorten(char text_r[16], double number)
{
	static const char letters[] = " kMGT";
	size_t i = 0;

	for (; number >= 1000 && i < strlen(letters) - 1; i++)
		number /= 1000;
	snprintf(text_r, 16, "%.*f %c", i ? 1 : 0, number, letters[i]);
}

static void draw(const struct progress *progress, double now)
{
	static const char full[] = "##############################";
	double share = progress->total > 0 ? (double)progress->done / (double)progress->total : 0;
	double rate = (double)progress->done / (now - progress->started);
	int filled = (int)(share < 1 ? share * WIDTH : WIDTH);
	char done[16], speed[16];

	shorten(done, (double)progress->done);
	shorten(speed, rate);
	fprintf(stderr, "\r\033[K%s ", progress->what);
	if (progress->total > 0)
		fprintf(stderr, "[%.*s%*s] %3d%% ", filled, full, WIDTH - filled, "",
			(int)(share < 1 ? share * 100 : 100));
	fprintf(stderr, "%s%s, %s%s/s", done, progress->unit, speed, progress->unit);
	if (progress->total > 0 && now - progress->started > SETTLED && rate > 0)
		fprintf(stderr, ", %d s left",
			(int)((double)(progress->total - progress->done) / rate));
	fflush(stderr);
}

void progress_at(struct progress *progress, int64_t done)
{
	double now;

	progress->done = done;
	if (!progress->shown)
		return;
	now = time_now();
	if (now - progress->drawn < LEAST_PAUSE)
		return;
	progress->drawn = now;
	draw(progress, now);
}

void progress_end(struct progress *progress)
{
	if (progress->shown && progress->drawn > 0)
		fprintf(stderr, "\r\033[K");
	progress->shown = false;
}
