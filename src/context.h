/*
 * What a process has opened: its configuration, its store, its key ring, its audit trail. Made once at
 * start and passed down; there is no other state that outlives a request.
 */
#ifndef DOORWARD_CONTEXT_H
#define DOORWARD_CONTEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "audit.h"
#include "config.h"
#include "keyring.h"
#include "policy-watch.h"
#include "store.h"
#include "verified.h"

struct context {
	struct config config;
	struct store *store;
	struct keyring *keyring;
	struct verified *verified;
	struct audit *audit;
	struct policy_watch *policy; /* NULL: there is none */
};

/*
 * Opens the store and the key ring that the loaded configuration names. False when out of memory;
 * nothing is open then. A store that cannot be used is no failure here: see store_open().
 */
bool context_open(struct context *context);

/*
 * Opens the policy for other applications, where the loaded configuration names one. False when it is
 * wrong; why_r says what.
 */
bool context_open_policy(struct context *context, char *why_r, size_t size);

/* Closes what is open, and frees the configuration. */
void context_close(struct context *context);

#endif
