#include "letter.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "organization.h"
#include "percent.h"

/* Our own pages, below the server's URL. */
static const char *const pages[MAIL_KIND__MAX] = {
	[MAIL_VERIFY] = "pages/verify.html",
	[MAIL_WELCOME] = "pages/password.html",
	[MAIL_RESET] = "pages/password.html",
};

enum error letter_check_url(const struct config *config, const char *url, struct failure *failure)
{
	if (!url)
		return OK;
	for (char **at = config->mail_redirect_urls; at && *at; at++) {
		if (strcmp(*at, url) == 0)
			return OK;
	}
	return fail_field(failure, "email_redirect_url", "is not one of the configured addresses");
}

/* url, or our own page, with the code in its query. The caller frees; NULL when out of memory. */
static char *make_link(const struct config *config, enum mail_kind kind, const char *url,
		       const struct code *code, const char *email)
{
	char encoded[3 * EMAIL_MOST + 1], *link;
	bool own = !url;

	percent_encode(encoded, email);
	if (asprintf(&link, "%s%s%ccode=%s&email=%s&code_expiration_timestamp=%" PRId64,
		     own ? config->url : url, own ? pages[kind] : "",
		     !own && strchr(url, '?') ? '&' : '?', code->text, encoded, code->expires) < 0)
		return NULL;
	return link;
}

/* First and last name; the caller frees. */
static char *full_name(const struct account *account)
{
	char *name;

	if (asprintf(&name, "%s%s%s", account->first_name,
		     *account->first_name && *account->last_name ? " " : "",
		     account->last_name) < 0)
		return NULL;
	return name;
}

static enum error queue(struct txn *txn, const struct config *config, enum mail_kind kind,
			const struct account *account, const char *url, const struct code *code)
{
	char id[ID_SIZE], *link = make_link(config, kind, url, code, account->login);
	char *name = full_name(account), *organization = NULL;
	enum error error = organization_name(txn, account->organization, &organization);

	if (!error && (!link || !name))
		error = ERR_SERVER;
	if (!error)
		error = outbox_add(txn,
				   &(struct mail_new){ .account = account->id,
						       .kind = kind,
						       .to = account->login,
						       .name = name,
						       .organization = organization,
						       .link = link,
						       .code = code->text,
						       .expires = code->expires },
				   id);
	free(link);
	free(name);
	free(organization);
	return error;
}

enum error letter_send(struct txn *txn, const struct config *config, enum mail_kind kind,
		       const char *account_id, const char *url)
{
	struct account account;
	struct code code;
	enum error error = account_get(txn, account_id, &account);

	if (error)
		return error;
	error = code_create(txn, mail_code_purpose(kind), account.id, mail_code_lifetime(kind),
			    &code);
	if (!error)
		error = queue(txn, config, kind, &account, url, &code);
	explicit_bzero(&code, sizeof(code));
	account_free(&account);
	return error;
}

enum error letter_pretend(struct txn *txn, enum mail_kind kind, const char *email)
{
	char nobody[ID_SIZE], id[ID_SIZE];
	struct code code;
	enum error error;

	id_new(nobody);
	error = code_create(txn, mail_code_purpose(kind), nobody, mail_code_lifetime(kind), &code);
	if (!error)
		error = outbox_add(txn,
				   &(struct mail_new){ .account = nobody,
						       .kind = kind,
						       .to = email,
						       .name = "",
						       .organization = "",
						       .link = pages[kind],
						       .code = code.text,
						       .expires = code.expires },
				   id);
	if (!error)
		error = outbox_delete(txn, id);
	explicit_bzero(&code, sizeof(code));
	return error ? error : code_delete(txn, mail_code_purpose(kind), nobody);
}

enum mail_kind letter_for_new(bool has_password)
{
	return has_password ? MAIL_VERIFY : MAIL_WELCOME;
}
