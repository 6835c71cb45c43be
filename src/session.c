#include "session.h"

#include <stdio.h>
#include <string.h>

#include "object.h"
#include "record.h"
#include "tables.h"

static const struct record_format format = { .what = "session", .version = 1 };

/*
 * Expired sessions removed with each new one: more than one, so that the store shrinks again after a
 * peak; few, so that no login pays for it.
 */
#define SWEEP_MOST 4

/* Seconds in which the predecessor of a rotated token is still taken (ROTATE_ALWAYS). */
#define PREDECESSOR_GRACE 30

/* Sixteen shards by session ID keep concurrent logins from all writing to the index's last page. */
#define END_KEY_SIZE (1 + 16 + ID_SIZE)

static void end_key(char key_r[END_KEY_SIZE], int64_t expires, const char *id)
{
	snprintf(key_r, END_KEY_SIZE, "%c%016llx%s", 'a' + ((id[0] ^ id[1]) & 15),
		 (unsigned long long)expires, id);
}

static void copy_text(char *text_r, size_t size, struct json_object *record, const char *name)
{
	const char *text = object_text(record, name);

	snprintf(text_r, size, "%s", text ? text : "");
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
	snprintf(session_r->id, ID_SIZE, "%s", id);
	copy_text(session_r->account, ID_SIZE, record, "account");
	copy_text(session_r->organization, ID_SIZE, record, "org");
	copy_text(session_r->login, sizeof(session_r->login), record, "login");
	copy_text(session_r->database, ID_SIZE, record, "db");
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

struct sweep {
	char due[END_KEY_SIZE]; /* keys below this one are due */
	char keys[SWEEP_MOST][END_KEY_SIZE];
	int count;
};

static bool collect_due(void *arg, struct bytes key, struct bytes value)
{
	struct sweep *sweep = arg;

	(void)value;
	if (key.size != END_KEY_SIZE - 1 || memcmp(key.data, sweep->due, key.size) >= 0)
		return false;
	memcpy(sweep->keys[sweep->count], key.data, key.size);
	sweep->keys[sweep->count][key.size] = '\0';
	return ++sweep->count < SWEEP_MOST;
}

/*
 * Removes sessions whose time is over, from the shard that the new session goes to. A JWT may have been
 * made in the refresh token's last second, and then lives its own time.
 */
static enum error sweep_shard(struct txn *txn, const struct config *config,
			      const struct session *new, int64_t now)
{
	struct sweep sweep = { .count = 0 };
	enum error error;

	end_key(sweep.due, now - config->jwt_lifetime, new->id);
	error = store_scan(txn, TABLE_SESSION_END, (struct bytes){ sweep.due, 1 }, bytes_of(""),
			   collect_due, &sweep);
	for (int i = 0; !error && i < sweep.count; i++) {
		const char *id = sweep.keys[i] + END_KEY_SIZE - ID_SIZE;

		error = store_delete(txn, TABLE_SESSION_END, bytes_of(sweep.keys[i]));
		if (!error)
			error = store_delete(txn, TABLE_SESSION, bytes_of(id));
		if (error == ERR_ABSENT)
			error = OK; /* somebody else swept it */
	}
	return error;
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

enum error session_create(struct txn *txn, const struct config *config, bool renewable,
			  struct session *session)
{
	int64_t now = (int64_t)time_now();
	char key[END_KEY_SIZE];
	enum error error;

	id_new(session->id);
	session->created = session->renewed = session->rotated = now;
	session->ends = renewable ? now + config->session_lifetime : now;
	session->counter = 0;
	session->expires = earlier(now + config->refresh_lifetime, session->ends);

	error = sweep_shard(txn, config, session, now);
	if (!error)
		error = write(txn, session);
	end_key(key, session->expires, session->id);
	return error ? error : store_put(txn, TABLE_SESSION_END, bytes_of(key), bytes_of(""));
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
	char key[END_KEY_SIZE];
	enum error error = session_get(txn, id, &session);

	if (error)
		return error;
	end_key(key, session.expires, id);
	error = store_delete(txn, TABLE_SESSION_END, bytes_of(key));
	return error ? error : store_delete(txn, TABLE_SESSION, bytes_of(id));
}

enum error session_stands(struct txn *txn, const char *id, const char *account, int64_t epoch)
{
	enum error error = store_exists(txn, TABLE_SESSION, bytes_of(id));
	int64_t present;

	if (!error)
		error = account_epoch(txn, account, &present);
	return !error && present != epoch ? ERR_ABSENT : error;
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
	char key[END_KEY_SIZE];
	enum error error = write(txn, session);

	if (error || session->expires == old_expires)
		return error;
	end_key(key, old_expires, session->id);
	error = store_delete(txn, TABLE_SESSION_END, bytes_of(key));
	if (error && error != ERR_ABSENT)
		return error;
	end_key(key, session->expires, session->id);
	return store_put(txn, TABLE_SESSION_END, bytes_of(key), bytes_of(""));
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

	snprintf(id, ID_SIZE, "%.*s", (int)key.size, (const char *)key.data);
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
