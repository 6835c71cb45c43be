/*
 * What the unit tests of a file's contents share: its path, in a folder of its own. Included once by each
 * test program.
 */
#ifndef DOORWARD_UNIT_FILE_H
#define DOORWARD_UNIT_FILE_H

#include "unit.h"

static char *folder, *path;

static int make_file(void **state)
{
	(void)state;
	folder = unit_make_folder();
	path = unit_path(folder, "test.conf");
	return 0;
}

static int remove_file(void **state)
{
	(void)state;
	free(path);
	unit_remove_folder(folder);
	return 0;
}

#endif
