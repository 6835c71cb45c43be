/*
 * A sample of rows that are met one after the other, spread evenly over those that are looked through.
 * The same rows always give the same sample.
 */
#ifndef DOORWARD_SAMPLE_H
#define DOORWARD_SAMPLE_H

#include <stdbool.h>
#include <stdint.h>

struct sample {
	int64_t every; /* one of so many is taken */
	int64_t met, last;
};

/* Of count rows take at most most, and look at most through scanned. */
void sample_begin(struct sample *sample_r, int64_t count, int64_t most, int64_t scanned);

/* Meets the next row; whether to take it. */
bool sample_takes(struct sample *sample);

/* Whether the row met was not the last to be looked at. */
bool sample_goes_on(const struct sample *sample);

#endif
