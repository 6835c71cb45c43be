#include "prefix.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What of a path is behind the configured prefix, with its first slash; NULL when it is not below it. */
static const char *below_prefix(const char *path)
{
	size_t length = strlen(INSTALL_PREFIX);

	return strncmp(path, INSTALL_PREFIX, length) == 0 && path[length] == '/' ? path + length
										 : NULL;
}

/* The folder of the running program. */
static bool find_own_folder(char folder_r[PATH_MAX])
{
	ssize_t length = readlink("/proc/self/exe", folder_r, PATH_MAX - 1);
	char *slash;

	if (length <= 0)
		return false;
	folder_r[length] = '\0';
	slash = strrchr(folder_r, '/');
	if (slash)
		*slash = '\0';
	return slash;
}

/* Cuts the folder where the prefix has its programs to the prefix it is in. */
static bool cut_to_prefix(char folder[PATH_MAX])
{
	static const char *const homes[] = { BINDIR, CGIBINDIR };
	size_t length = strlen(folder);

	for (size_t i = 0; i < sizeof(homes) / sizeof(homes[0]); i++) {
		const char *home = below_prefix(homes[i]);
		size_t home_length = home ? strlen(home) : 0;

		if (home && length >= home_length &&
		    strcmp(folder + length - home_length, home) == 0) {
			folder[length - home_length] = '\0';
			return true;
		}
	}
	return false;
}

char *prefix_path(const char *configured)
{
	const char *rest = below_prefix(configured);
	char folder[PATH_MAX], *path;

	if (!rest || !find_own_folder(folder) || !cut_to_prefix(folder))
		return strdup(configured);
	return asprintf(&path, "%s%s", folder, rest) < 0 ? NULL : path;
}
