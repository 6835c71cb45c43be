/*
 * What databases/current/ and its preview share: handlers that read the fields description, metadata,
 * core_config and preserve, of which none is required.
 */
#ifndef DOORWARD_DATABASES_H
#define DOORWARD_DATABASES_H

#include "endpoint.h"

/* PATCH: changes the token's database, answers nothing. */
enum error databases_change(struct call *call);

/* PATCH: what that would change, old and new; writes nothing. */
enum error databases_preview(struct call *call);

#endif
