#include "outbox.h"

#include <string.h>

#include "account.h"
#include "expiry.h"
#include "object.h"
#include "record.h"
#include "tables.h"
#include "text.h"

#define LANE 'a'
#define MINUTE 60
#define HOUR (60 * MINUTE)

/* The first pause after a failure, doubled with each, and the longest. */
#define FIRST_PAUSE MINUTE
#define LONGEST_PAUSE (2 * HOUR)

static const struct record_format format = { .what = "mail", .version = 1 };

static const struct {
	const char *name;
	enum code_purpose purpose;
	int64_t lifetime;
} kinds[MAIL_KIND__MAX] = {
	[MAIL_VERIFY] = { "verify", CODE_VERIFY, 24 * HOUR },
	[MAIL_WELCOME] = { "welcome", CODE_PASSWORD, 24 * HOUR },
	[MAIL_RESET] = { "reset", CODE_PASSWORD, HOUR },
};

const char *mail_kind_name(enum mail_kind kind)
{
	return kinds[kind].name;
}

enum code_purpose mail_code_purpose(enum mail_kind kind)
{
	return kinds[kind].purpose;
}

int64_t mail_code_lifetime(enum mail_kind kind)
{
	return kinds[kind].lifetime;
}

void mail_free(struct mail *mail)
{
	json_object_put(mail->record);
	memset(mail, 0, sizeof(*mail));
}

static const char *text_or_empty(struct json_object *record, const char *name)
{
	const char *text = object_text(record, name);

	return text ? text : "";
}

/* Takes over record. */
static enum error from_record(const char *id, struct json_object *record, struct mail *mail_r)
{
	const char *kind = text_or_empty(record, "kind");

	memset(mail_r, 0, sizeof(*mail_r));
	mail_r->record = record;
	text_copy(mail_r->id, ID_SIZE, id);
	text_copy(mail_r->account, ID_SIZE, text_or_empty(record, "account"));
	mail_r->to = text_or_empty(record, "to");
	mail_r->name = text_or_empty(record, "name");
	mail_r->organization = text_or_empty(record, "organization");
	mail_r->link = text_or_empty(record, "link");
	mail_r->code = text_or_empty(record, "code");
	mail_r->error = text_or_empty(record, "error");
	mail_r->expires = object_integer(record, "expires", 0);
	mail_r->created = object_integer(record, "created", 0);
	mail_r->due = object_integer(record, "due", 0);
	mail_r->attempts = object_integer(record, "attempts", 0);
	for (; mail_r->kind < MAIL_KIND__MAX; mail_r->kind++) {
		if (strcmp(kinds[mail_r->kind].name, kind) == 0)
			return OK;
	}
	mail_free(mail_r);
	return ERR_SERVER;
}

enum error outbox_add(struct txn *txn, const struct mail_new *new, char id_r[ID_SIZE])
{
	struct json_object *record = json_object_new_object();
	int64_t now = (int64_t)time_now();
	enum error error;

	id_new(id_r);
	object_add_text(record, "kind", kinds[new->kind].name);
	object_add_text(record, "account", new->account);
	object_add_text(record, "to", new->to);
	object_add_text(record, "name", new->name);
	object_add_text(record, "organization", new->organization);
	object_add_text(record, "link", new->link);
	object_add_text(record, "code", new->code);
	object_add_integer(record, "expires", new->expires);
	object_add_integer(record, "created", now);
	object_add_integer(record, "due", now);
	error = record_put(txn, TABLE_MAIL, id_r, &format, record);
	json_object_put(record);
	return error ? error : expiry_put(txn, TABLE_MAIL_DUE, LANE, now, id_r);
}

enum error outbox_get(struct txn *txn, const char *id, struct mail *mail_r)
{
	struct json_object *record;
	enum error error = record_get(txn, TABLE_MAIL, id, &format, &record);

	return error ? error : from_record(id, record, mail_r);
}

enum error outbox_first_due(struct txn *txn, int64_t until, struct mail *mail_r)
{
	/* the minute is for who wrote meanwhile, and has the later now */
	int64_t latest = (int64_t)time_now() + LONGEST_PAUSE + MINUTE;
	struct expiry_note note = { .when = 0 };
	enum error error;

	while (!(error = expiry_next(txn, TABLE_MAIL_DUE, LANE, &note))) {
		if (note.when > until && note.when <= latest) {
			note = (struct expiry_note){ .when = latest + 1 }; /* these all wait */
			continue;
		}
		error = outbox_get(txn, note.name, mail_r);
		if (error != ERR_ABSENT)
			break;
		/* taken out between the two looks: others wait behind it */
	}
	return error;
}

enum error outbox_delete(struct txn *txn, const char *id)
{
	struct mail mail;
	enum error error = outbox_get(txn, id, &mail);

	if (error)
		return error;
	error = expiry_delete(txn, TABLE_MAIL_DUE, LANE, mail.due, id);
	mail_free(&mail);
	return error ? error : store_delete(txn, TABLE_MAIL, bytes_of(id));
}

/* Writes a mail that is due at another time than it was read with. */
static enum error put_due(struct txn *txn, struct mail *mail, int64_t due)
{
	enum error error = expiry_delete(txn, TABLE_MAIL_DUE, LANE, mail->due, mail->id);

	object_add_integer(mail->record, "due", due);
	if (!error)
		error = record_put(txn, TABLE_MAIL, mail->id, &format, mail->record);
	return error ? error : expiry_put(txn, TABLE_MAIL_DUE, LANE, due, mail->id);
}

static int64_t pause_after(int64_t attempts)
{
	int64_t pause = FIRST_PAUSE;

	while (--attempts > 0 && pause < LONGEST_PAUSE)
		pause *= 2;
	return pause < LONGEST_PAUSE ? pause : LONGEST_PAUSE;
}

enum error outbox_postpone(struct txn *txn, const char *id, const char *why, int64_t now)
{
	struct mail mail;
	enum error error = outbox_get(txn, id, &mail);

	if (error)
		return error;
	object_add_integer(mail.record, "attempts", mail.attempts + 1);
	object_add_text(mail.record, "error", why);
	error = put_due(txn, &mail, now + pause_after(mail.attempts + 1));
	mail_free(&mail);
	return error;
}

enum error outbox_hasten(struct txn *txn, const char *id, int64_t now)
{
	struct mail mail;
	enum error error = outbox_get(txn, id, &mail);

	if (error)
		return error;
	error = put_due(txn, &mail, now);
	mail_free(&mail);
	return error;
}

enum error outbox_check(struct txn *txn, const struct mail *mail, int64_t now)
{
	int64_t epoch;
	enum error error = account_epoch(txn, mail->account, &epoch);

	/* the code of an account that was deleted stays until its time is over */
	return error ? error
		     : code_check(txn, kinds[mail->kind].purpose, mail->account, mail->code, now);
}

struct visit {
	mail_fn *each;
	void *arg;
	enum error error;
};

static bool visit_record(void *arg, struct bytes key, struct bytes value)
{
	struct visit *visit = arg;
	struct json_object *record;
	struct mail mail;
	char id[ID_SIZE];
	bool more;

	bytes_to_text(id, ID_SIZE, key);
	visit->error = record_parse(&format, value, &record);
	if (!visit->error)
		visit->error = from_record(id, record, &mail);
	if (visit->error)
		return false;
	more = visit->each(visit->arg, &mail);
	mail_free(&mail);
	return more;
}

enum error outbox_each(struct txn *txn, mail_fn *each, void *arg)
{
	struct visit visit = { .each = each, .arg = arg };
	enum error error =
		store_scan(txn, TABLE_MAIL, bytes_of(""), bytes_of(""), visit_record, &visit);

	return error ? error : visit.error;
}

/* Its account and its code may be gone: then it is dropped when it is due. */
enum error outbox_links(const char *id, struct bytes value, link_fn *each, void *arg)
{
	char note[EXPIRY_KEY_SIZE];
	struct json_object *record;
	struct mail mail;
	enum error error = record_parse(&format, value, &record);

	if (!error)
		error = from_record(id, record, &mail);
	if (error)
		return error;
	expiry_key(note, LANE, mail.due, id);
	error = link_each(
		(const struct link[]){
			{ LINK_INDEX, TABLE_MAIL_DUE, bytes_of(note), bytes_of("") },
			{ LINK_OUTLIVES, TABLE_ACCOUNT, bytes_of(mail.account), bytes_of("") },
		},
		2, each, arg);
	mail_free(&mail);
	return error;
}
