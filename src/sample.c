#include "sample.h"

void sample_begin(struct sample *sample_r, int64_t count, int64_t most, int64_t scanned)
{
	if (count > scanned)
		count = scanned;
	sample_r->every = count > most ? (count + most - 1) / most : 1;
	sample_r->met = 0;
	/* rows that came since they were counted are not taken: no more than most ever are */
	sample_r->last = most * sample_r->every < scanned ? most * sample_r->every : scanned;
}

bool sample_takes(struct sample *sample)
{
	return sample->met++ % sample->every == 0;
}

bool sample_goes_on(const struct sample *sample)
{
	return sample->met < sample->last;
}
