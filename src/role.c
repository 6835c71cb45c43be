#include "role.h"

#include <string.h>

static const char *const names[ROLE__MAX] = {
	[ROLE_ROOT] = "root",
	[ROLE_MANAGER] = "manager",
	[ROLE_BACKEND] = "backend",
	[ROLE_FRONTEND] = "frontend",
};

const char *role_name(enum role role)
{
	return names[role];
}

bool role_parse(enum role *role_r, const char *text)
{
	for (enum role role = 0; role < ROLE__MAX; role++) {
		if (strcmp(names[role], text) == 0) {
			*role_r = role;
			return true;
		}
	}
	return false;
}
