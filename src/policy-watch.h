/*
 * The policy in force, in a process that goes on while its file may change. A changed file takes its
 * place as soon as it can be read whole; one that is wrong or gone does not: the rules that were there
 * stay, so that a mistake opens nothing.
 */
#ifndef DOORWARD_POLICY_WATCH_H
#define DOORWARD_POLICY_WATCH_H

#include "policy.h"

struct policy_watch;

/* Reads a policy for the first time. NULL and the reason when it is wrong; policy_watch_close() frees. */
struct policy_watch *policy_watch_open(const char *file, char *why_r, size_t size);

/* NULL is allowed. */
void policy_watch_close(struct policy_watch *watch);

/*
 * The policy as it is now, good until the next call. The file is looked at once in a second, and what is
 * wrong in it is logged once.
 */
const struct policy *policy_watch_now(struct policy_watch *watch);

#endif
