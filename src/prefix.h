/*
 * Where the installation is. A prefix may be moved as a whole: a program that runs from the folder where
 * the prefix has its programs finds everything else that was configured to be below the prefix from there.
 */
#ifndef DOORWARD_PREFIX_H
#define DOORWARD_PREFIX_H

/*
 * The place of a path that was configured: moved with the prefix when it is below it, else (/etc, /var) as
 * it was configured. The caller frees; NULL when out of memory.
 */
char *prefix_path(const char *configured);

#endif
