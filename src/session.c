#include "session.h"

#include <stdio.h>
#include <string.h>

#include "expiry.h"
#include "object.h"
#include "record.h"
#include "service-key.h"
#include "tables.h"
#include "text.h"
#include "trash.h"

static const struct record_format format = { .what = "session", .version = 1 };

/*
 * Expired sessions removed with each new one: more than one, so that the store shrinks again after a
 * peak; few, so that no login pays for it.
 */
#define SWEEP_MOST 4

/* Seconds in which the predecessor of a rotated token is still taken (ROTATE_ALWAYS). */
#define PREDECESSOR_GRACE 30

/* Sixteen lanes by session ID keep concurrent logins from all writing to the index's last page. */
static char lane_of(const char *id)
{
	return (char)('a' + ((id[0] ^ id[1]) & 15));
}

static void copy_text(char *text_r, size_t size, struct json_object *record, const char *name)
{
	const char *text = object_text(record, name);

	text_copy(text_r, size, text ? text : "");
}

static void add_unless_empty(struct json_object *record, const char *name, const char *text)
{
	object_add_text(record, name, *text ? text : NULL);
}

/* What reading takes for granted is not written: the shorter the record, the faster a renewal. */
static void add_unless(struct json_object *record, const char *name, int64_t value, int64_t usual)
{
	if (value != usual)
		object_add_integer(record, name, value);
}

static enum error from_record(const char *id, struct json_object *record, struct session *session_r)
{
	const char *role = object_text(record, "role");

	memset(session_r, 0, sizeof(*session_r));
	text_copy(session_r->id, ID_SIZE, id);
	copy_text(session_r->account, ID_SIZE, record, "account");
	copy_text(session_r->organization, ID_SIZE, record, "org");
	copy_text(session_r->login, sizeof(session_r->login), record, "login");
	copy_text(session_r->database, ID_SIZE, record, "db");
	copy_text(session_r->key, ID_SIZE, record, "key");
	copy_text(session_r->user, IDENTIFIER_SIZE, record, "fuid");
	copy_text(session_r->user_session, IDENTIFIER_SIZE, record, "fsid");
	session_r->epoch = object_integer(record, "epoch", 0);
	session_r->created = object_integer(record, "created", 0);
	session_r->renewed = object_integer(record, "renewed", session_r->created);
	session_r->ends = object_integer(record, "ends", 0);
	session_r->counter = (uint32_t)object_integer(record, "n", 0);
	session_r->expires = object_integer(record, "expires", 0);
	session_r->rotated = object_integer(record, "rotated", session_r->created);
	return role && role_parse(&session_r->role, role) ? OK : ERR_SERVER;
}

static enum error write(struct txn *txn, const struct session *session)
{
	struct json_object *record = json_object_new_object();
	enum error error;

	object_add_text(record, "account", session->account);
	object_add_text(record, "org", session->organization);
	object_add_text(record, "login", session->login);
	add_unless_empty(record, "db", session->database);
	add_unless_empty(record, "key", session->key);
	add_unless_empty(record, "fuid", session->user);
	add_unless_empty(record, "fsid", session->user_session);
	object_add_text(record, "role", role_name(session->role));
	add_unless(record, "epoch", session->epoch, 0);
	object_add_integer(record, "created", session->created);
	add_unless(record, "renewed", session->renewed, session->created);
	object_add_integer(record, "ends", session->ends);
	add_unless(record, "n", session->counter, 0);
	object_add_integer(record, "expires", session->expires);
	add_unless(record, "rotated", session->rotated, session->created);
	error = record_put(txn, TABLE_SESSION, session->id, &format, record);
	json_object_put(record);
	return error;
}

static enum error remove_record(struct txn *txn, const char *id, int64_t when)
{
	(void)when;
	return store_delete(txn, TABLE_SESSION, bytes_of(id));
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

enum error session_create(struct txn *txn, const struct config *config, bool renewable,
			  struct session *session)
{
	int64_t now = (int64_t)time_now();
	enum error error;

	id_new(session->id);
	session->created = session->renewed = session->rotated = now;
	if (!renewable)
		session->ends = now;
	else if (session->ends == 0 || session->ends > now + config->session_lifetime)
		session->ends = now + config->session_lifetime;
	session->counter = 0;
	session->expires = earlier(now + config->refresh_lifetime, session->ends);

	/* a JWT may have been made in the refresh token's last second, and then lives its own time */
	error = expiry_sweep(txn, TABLE_SESSION_END, lane_of(session->id),
			     now - config->jwt_lifetime, SWEEP_MOST, remove_record);
	if (!error)
		error = trash_sweep_few(txn);
	if (!error)
		error = write(txn, session);
	return error ? error
		     : expiry_put(txn, TABLE_SESSION_END, lane_of(session->id), session->expires,
				  session->id);
}

enum error session_get(struct txn *txn, const char *id, struct session *session_r)
{
	struct json_object *record;
	enum error error = record_get(txn, TABLE_SESSION, id, &format, &record);

	if (!error) {
		error = from_record(id, record, session_r);
		json_object_put(record);
	}
	return error;
}

enum error session_end(struct txn *txn, const char *id)
{
	struct session session;
	enum error error = session_get(txn, id, &session);

	if (!error)
		error = expiry_delete(txn, TABLE_SESSION_END, lane_of(id), session.expires, id);
	return error ? error : store_delete(txn, TABLE_SESSION, bytes_of(id));
}

enum error session_stands(struct txn *txn, const struct claims *claims)
{
	enum error error = store_exists(txn, TABLE_SESSION, bytes_of(claims->session));
	int64_t present;

	if (!error)
		error = account_epoch(txn, claims->account, &present);
	if (!error && present != claims->epoch)
		error = ERR_ABSENT;
	if (!error && *claims->key)
		error = service_key_exists(txn, claims->key);
	return error;
}

/* Whether the present refresh token is in the last third of its life and a new one would live longer. */
static bool is_due(const struct config *config, const struct session *session, int64_t now)
{
	int64_t next = earlier(now + config->refresh_lifetime, session->ends);

	return session->expires - now <= config->refresh_lifetime / 3 && next > session->expires;
}

enum renewal session_judge(const struct config *config, const struct session *session,
			   const struct refresh_claims *shown, bool retiring, int64_t now)
{
	bool present = shown->counter == session->counter;

	if (shown->counter > session->counter)
		return RENEWAL_UNKNOWN;
	if (config->rotation == ROTATE_ALWAYS) {
		if (present)
			return RENEWAL_ROTATES;
		return shown->counter + 1 == session->counter &&
				       now <= session->rotated + PREDECESSOR_GRACE
			       ? RENEWAL_KEEPS
			       : RENEWAL_REUSED;
	}
	return is_due(config, session, now) || (present && retiring) ? RENEWAL_ROTATES
								     : RENEWAL_KEEPS;
}

void session_rotate(const struct config *config, struct session *session, int64_t now)
{
	session->counter++;
	session->rotated = session->renewed = now;
	session->expires = earlier(now + config->refresh_lifetime, session->ends);
}

enum error session_put(struct txn *txn, const struct session *session, int64_t old_expires)
{
	char lane = lane_of(session->id);
	enum error error = write(txn, session);

	if (error || session->expires == old_expires)
		return error;
	error = expiry_delete(txn, TABLE_SESSION_END, lane, old_expires, session->id);
	return error ? error
		     : expiry_put(txn, TABLE_SESSION_END, lane, session->expires, session->id);
}

struct visit {
	session_fn *each;
	void *arg;
	enum error error;
};

static bool visit_record(void *arg, struct bytes key, struct bytes value)
{
	struct visit *visit = arg;
	struct session session;
	struct json_object *record;
	char id[ID_SIZE];

	bytes_to_text(id, ID_SIZE, key);
	visit->error = record_parse(&format, value, &record);
	if (visit->error)
		return false;
	visit->error = from_record(id, record, &session);
	json_object_put(record);
	return !visit->error && visit->each(visit->arg, &session);
}

enum error session_each(struct txn *txn, session_fn *each, void *arg)
{
	struct visit visit = { .each = each, .arg = arg };
	enum error error =
		store_scan(txn, TABLE_SESSION, bytes_of(""), bytes_of(""), visit_record, &visit);

	return error ? error : visit.error;
}

enum error session_links(const char *id, struct bytes value, link_fn *each, void *arg)
{
	char note[EXPIRY_KEY_SIZE];
	struct json_object *record;
	struct session session;
	enum error error = record_parse(&format, value, &record);

	if (error)
		return error;
	error = from_record(id, record, &session);
	json_object_put(record);
	if (error)
		return error;
	expiry_key(note, lane_of(id), session.expires, id);
	return link_each(
		(const struct link[]){
			{ LINK_INDEX, TABLE_SESSION_END, bytes_of(note), bytes_of("") },
			{ LINK_OUTLIVES, TABLE_ACCOUNT, bytes_of(session.account), bytes_of("") },
		},
		2, each, arg);
}
