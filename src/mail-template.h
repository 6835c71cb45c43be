/*
 * The templates of mails: a subject, a text and an HTML part for each kind, with placeholders in braces.
 * Those in etc/mail are compiled in; files of the same names in a folder of the operator's replace
 * them. What a template must not have is found when it is loaded, so that filling one cannot fail.
 */
#ifndef DOORWARD_MAIL_TEMPLATE_H
#define DOORWARD_MAIL_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>

#include "outbox.h"

/* The parts, by the last part of their files' names. */
enum mail_part {
	MAIL_SUBJECT, /* one line */
	MAIL_TXT,
	MAIL_HTML, /* values are escaped in it */
	MAIL_PART__MAX
};

/* "verify.subject" and the like. */
#define MAIL_TEMPLATE_NAME_SIZE 32
void mail_template_name(char name_r[MAIL_TEMPLATE_NAME_SIZE], enum mail_kind kind,
			enum mail_part part);

/* The text of a built-in template. */
const char *mail_template_default(enum mail_kind kind, enum mail_part part);

struct mail_templates {
	char *texts[MAIL_KIND__MAX][MAIL_PART__MAX];
};

/*
 * Loads the templates: each from its file in folder where there is one, else (or where folder is NULL)
 * the built-in one. False: why_r (size bytes) has one line with file and line, and nothing needs to be
 * freed. Wrong are an unknown placeholder, one that is not closed on its line, what is not UTF-8, and
 * a subject of no or several lines.
 */
bool mail_templates_load(struct mail_templates *templates_r, const char *folder, char *why_r,
			 size_t size);
void mail_templates_free(struct mail_templates *templates);

/*
 * Fills a template with what a mail says. Control characters in values become spaces, so that a subject
 * stays one line. The caller frees with free(), and wipes: there is a code in it.
 * NULL when out of memory.
 */
char *mail_template_fill(const struct mail_templates *templates, enum mail_part part,
			 const struct mail *mail);

#endif
