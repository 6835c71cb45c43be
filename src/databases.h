/*
 * What the endpoints below databases/current/ share. The handlers read the fields description, metadata,
 * core_config and preserve, of which none is required.
 */
#ifndef DOORWARD_DATABASES_H
#define DOORWARD_DATABASES_H

#include "database.h"
#include "endpoint.h"

/* The token's database; ERR_NO_DATABASE. The caller frees. */
enum error databases_find(struct txn *txn, struct call *call, struct database *database_r);

/* PATCH: changes the token's database, answers nothing. */
enum error databases_change(struct call *call);

/* PATCH: what that would change, old and new; writes nothing. */
enum error databases_preview(struct call *call);

#endif
