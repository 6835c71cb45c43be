/*
 * The four roles of contract section 3, and sets of them.
 */
#ifndef DOORWARD_ROLE_H
#define DOORWARD_ROLE_H

#include <stdbool.h>

enum role { ROLE_ROOT, ROLE_MANAGER, ROLE_BACKEND, ROLE_FRONTEND, ROLE__MAX };

/* A set of roles; the empty set stands for anyone, with or without a token. */
typedef unsigned role_set;

#define ANYONE 0u
#define ROOT (1u << ROLE_ROOT)
#define MANAGER (1u << ROLE_MANAGER)
#define BACKEND (1u << ROLE_BACKEND)
#define FRONTEND (1u << ROLE_FRONTEND)
#define EVERY_ROLE (ROOT | MANAGER | BACKEND | FRONTEND)

/* The role's name in the API. */
const char *role_name(enum role role);

/* What a role that may be given to an account is, to go behind "must be " or "is ". */
#define ROLE_WANTED "one of manager, backend, frontend"

/* False when text names no role; *role_r is unchanged then. */
bool role_parse(enum role *role_r, const char *text);

#endif
