/*
 * The configuration: one INI file, every key optional. What each key means and its default is the
 * table in config.c; doorward.conf(5) describes them. An unknown section or key, a malformed value or
 * a line that is no setting refuses to load and names file and line.
 */
#ifndef DOORWARD_CONFIG_H
#define DOORWARD_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct address_list;

enum rotation {
	ROTATE_WHEN_DUE, /* a new refresh token in the last third of the old one's life */
	ROTATE_ALWAYS,	 /* a new refresh token with every renewal (RFC 9700) */
};

/* What JWTs are signed with (RFC 7518, section 3.1). */
enum key_algorithm {
	KEY_HS256, /* a secret: only we can verify */
	KEY_ES256, /* a pair: everybody can */
	KEY_ALGORITHM__MAX
};

enum log_target { LOG_TO_STDERR, LOG_TO_SYSLOG };
enum audit_target { AUDIT_TO_FILE, AUDIT_TO_SYSLOG, AUDIT_OFF };
enum mail_transport { MAIL_BY_MAILDIR, MAIL_BY_SENDMAIL, MAIL_BY_SMTP };

#define JWKS_MAX_AGE_MOST 86400 /* seconds: the largest jwks_max_age */

struct config {
	char *file;	 /* the file it was read from */
	char *directory; /* the state directory: store, key ring */
	int64_t cache;	 /* Berkeley DB cache, bytes */
	char *mount;	 /* path prefix the endpoints are served under; starts and ends with "/" */
	int64_t body_limit;    /* bytes */
	int64_t bulk_limit;    /* bytes, of operations that take many things at once */
	int64_t request_limit; /* seconds a request may take before the process is ended */
	char *url; /* where people find this server, ending with "/": what links in mails start with */
	struct address_list *trusted_proxies; /* NULL for none */
	char **cors_origins; /* whose pages may read answers; ends with NULL; NULL for none */
	char *issuer;	     /* the iss claim */
	enum key_algorithm algorithm; /* of new keys for JWTs */
	int64_t jwks_max_age;	      /* seconds that others may keep the list of public keys */
	int64_t jwt_lifetime;	      /* seconds */
	int64_t refresh_lifetime;     /* seconds one refresh token is good */
	int64_t session_lifetime;     /* seconds after the login in which renewals are possible */
	enum rotation rotation;
	int64_t password_cost; /* the yescrypt cost parameter, crypt(5) */
	bool throttle;	       /* slow down those who fail to log in or ask for mails */
	enum mail_transport mail_transport;
	char *mail_from;      /* the sender's address */
	char *mail_from_name; /* and name; may be empty */
	char **mail_redirect_urls; /* where links in mails may lead besides our own pages; ends with NULL */
	char *mail_templates; /* the folder of the operator's own templates; NULL for none */
	char *mail_sendmail;  /* the command, with its arguments */
	char *mail_smtp_url;  /* smtp://host:port or smtps://host:port */
	char *mail_smtp_user, *mail_smtp_password; /* may be empty */
	char *mail_smtp_ca;	 /* the file of the authorities trusted; NULL: the system's */
	bool mail_smtp_starttls; /* insist on TLS where the URL is smtp:// */
	int64_t mail_timeout;	 /* seconds that one delivery may take */
	enum audit_target audit_target;
	char *audit_file;
	int64_t audit_size; /* bytes that the audit file may have before a new one is begun */
	char *policy;	    /* the file of the policy for other applications; NULL: there is none */
	enum log_target log_target;
};

/*
 * Reads the file that config_path() finds into *config_r. True: the caller frees with config_free(). False: why_r
 * (size bytes) holds one line with file, line and what is wrong, and *config_r needs no freeing.
 */
bool config_load(struct config *config_r, const char *named, char *why_r, size_t size);
void config_free(struct config *config);

/*
 * The file that holds the configuration: the named one, else what the environment variable
 * DOORWARD_CONF says, else doorward/doorward.conf under sysconfdir. named: NULL for none. The caller
 * frees; NULL when out of memory.
 */
char *config_path(const char *named);

#endif
