/*
 * The log: one line per event, to standard error or to syslog. Control characters are escaped, so
 * that nothing a client sends can start a line of its own. No secret is ever passed to it.
 */
#ifndef DOORWARD_LOG_H
#define DOORWARD_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <syslog.h>

/* Says where lines go from now on, and as whom; name must outlive the process's logging. */
void log_open(const char *name, bool to_syslog);

/* Writes one line; level is LOG_ERR, LOG_WARNING, LOG_NOTICE or LOG_INFO of syslog(3). */
void log_line(int level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * Copies text to out_r (size bytes, always ended), control characters, DEL and backslashes as \xHH;
 * text that does not fit is cut.
 */
void log_escape(char *out_r, size_t size, const char *text);

#endif
