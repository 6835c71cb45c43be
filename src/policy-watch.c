#include "policy-watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "encode.h"
#include "log.h"

struct policy_watch {
	struct policy *policy;
	struct stat seen; /* of the file that was read last, good or not */
	time_t looked;	  /* see time_steady() */
};

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* What was written within this second may be half of what is to be there. */
static bool is_settled(const struct stat *file)
{
	time_t age = time(NULL) - file->st_mtim.tv_sec;

	return age < 0 || age > 1;
}

struct policy_watch *policy_watch_open(const char *file, char *why_r, size_t size)
{
	struct policy_watch *watch = calloc(1, sizeof(*watch));

	if (!watch) {
		snprintf(why_r, size, "out of memory");
		return NULL;
	}
	/* looked at before it is read: a change between the two is seen later */
	stat(file, &watch->seen);
	watch->looked = time_steady();
	watch->policy = policy_load(file, why_r, size);
	if (watch->policy)
		return watch;
	free(watch);
	return NULL;
}

void policy_watch_close(struct policy_watch *watch)
{
	if (watch)
		policy_free(watch->policy);
	free(watch);
}

static void read_again(struct policy_watch *watch)
{
	char why[512];
	struct policy *policy = policy_load(watch->policy->file, why, sizeof(why));

	if (!policy) {
		log_line(LOG_ERR, "%s; the policy that was there stays in force", why);
		return;
	}
	log_line(LOG_NOTICE, "%s: the new policy is in force", policy->file);
	policy_free(watch->policy);
	watch->policy = policy;
}

const struct policy *policy_watch_now(struct policy_watch *watch)
{
	time_t now = time_steady();
	struct stat file;

	if (now == watch->looked)
		return watch->policy;
	watch->looked = now;
	if (stat(watch->policy->file, &file) != 0)
		memset(&file, 0, sizeof(file)); /* gone: reading it says why, once */
	else if (!is_settled(&file))
		return watch->policy;
	if (!is_same(&file, &watch->seen)) {
		watch->seen = file;
		read_again(watch);
	}
	return watch->policy;
}
