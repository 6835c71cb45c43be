/*
 * What doorward verify does, for restore, which ends with it.
 */
#ifndef DOORWARD_ADMIN_VERIFY_H
#define DOORWARD_ADMIN_VERIFY_H

#include "admin.h"

/* Verifies the opened state directory and prints what was found; fails when something is wrong. */
enum error admin_verify(struct admin *admin, bool repair);

#endif
