#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "text.h"

/* The process's log, opened once at start: the one piece of state every layer may reach. */
static struct {
	const char *name;
	bool to_syslog;
	pid_t process; /* which of many this is; 0 to not say so */
} target = { "doorward", false, 0 };

void log_open(const char *name, bool to_syslog)
{
	target.name = name;
	target.to_syslog = to_syslog;
	target.process = getpid();
	if (to_syslog)
		openlog(name, LOG_PID, LOG_AUTHPRIV);
}

void log_escape(char *out_r, size_t size, const char *text)
{
	size_t used = 0;

	while (*text) {
		size_t escaped = *text == '\\' ? 1 : text_control_length(text);

		if (used + (escaped ? 4 * escaped : 1) >= size)
			break;
		if (escaped == 0)
			out_r[used++] = *text++;
		for (; escaped > 0; escaped--)
			used += (size_t)snprintf(out_r + used, size - used, "\\x%02x",
						 (unsigned char)*text++);
	}
	out_r[used] = '\0';
}

void log_line(int level, const char *format, ...)
{
	char raw[1024], line[2048];
	va_list args;

	va_start(args, format);
	vsnprintf(raw, sizeof(raw), format, args);
	va_end(args);
	log_escape(line, sizeof(line), raw);
	if (target.to_syslog)
		syslog(level, "%s", line);
	else if (target.process)
		fprintf(stderr, "%s[%d]: %s\n", target.name, (int)target.process, line);
	else
		fprintf(stderr, "%s: %s\n", target.name, line);
}
