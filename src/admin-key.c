/* doorward key: the keys that sign tokens. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin-key-file.h"
#include "admin.h"
#include "object.h"
#include "rotation.h"

/* Bytes of a file with a private key; what others write has 300. */
#define MOST_FILE (16 << 10)

static struct json_object *describe(const struct key *key, enum key_state state)
{
	struct json_object *row = json_object_new_object();

	object_add_text(row, "kid", key->kid);
	object_add_text(row, "use", key_use_name(key->use));
	object_add_text(row, "algorithm", key_algorithm_name(key->algorithm));
	object_add_text(row, "state", key_state_name(state));
	object_add_time(row, "created", key->created);
	if (key->starts > 0)
		object_add_time(row, "starts", key->starts);
	if (key->retires > 0)
		object_add_time(row, "retires", key->retires);
	return row;
}

static enum error key_list(struct admin *admin)
{
	static const char *const columns[] = { "kid",	  "use",    "algorithm", "state",
					       "created", "starts", "retires",	 NULL };
	struct json_object *rows = json_object_new_array();
	const struct keys *keys = keyring_keys(admin->context.keyring);
	double now = time_now();

	for (size_t i = 0; i < keys->count; i++) {
		const struct key *key = &keys->all[i];
		bool signs = keys_signer(keys, key->use, now) == key;

		json_object_array_add(rows, describe(key, key_state(key, signs, now)));
	}
	admin_print_rows(admin, rows, columns);
	return OK;
}

static enum error key_rotate(struct admin *admin)
{
	struct rotation_policy policy = rotation_policy(&admin->context.config);

	if (keyring_rotate(admin->context.keyring, &policy))
		return admin_fail(admin, "the keys were not rotated");
	admin_audit(admin, "key.rotate", NULL, NULL);
	return key_list(admin);
}

static enum error add_pair(struct admin *admin, struct es256 *pair, const char *kid)
{
	struct rotation_policy policy = rotation_policy(&admin->context.config);

	switch (keyring_import(admin->context.keyring, &policy, pair, kid)) {
	case OK:
		admin_audit(admin, "key.import", NULL, kid);
		return key_list(admin);
	case ERR_EXISTS:
		return admin_fail(admin, "%s: this key, or another of its name, is there already",
				  admin->operands[0]);
	case ERR_DATA:
		return admin_fail(admin,
				  "%s: its kid may have letters, digits, \"-\", \"_\", \".\" and "
				  "\":\" only",
				  admin->operands[0]);
	default:
		return admin_fail(admin, "the key was not imported");
	}
}

static enum error import_text(struct admin *admin, const char *text, size_t size)
{
	char kid[KID_SIZE];
	const char *why;
	struct es256 *pair = key_file_parse(text, size, kid, &why);
	enum error error;

	if (!pair)
		return admin_fail(admin, "%s: %s", admin->operands[0], why);
	error = admin_open(admin);
	if (!error && admin->context.config.algorithm != KEY_ES256)
		error = admin_fail(admin, "%s: [token] algorithm must be ES256 first",
				   admin->config);
	if (!error)
		return add_pair(admin, pair, kid);
	es256_free(pair);
	return error;
}

/* The file is opened as whoever runs this, and only then is the state directory's owner become. */
static enum error key_import(struct admin *admin)
{
	const char *path = admin->operands[0];
	FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	char text[MOST_FILE];
	enum error error;
	size_t size;

	if (!file)
		return admin_fail(admin, "%s: %s", path, strerror(errno));
	setvbuf(file, NULL, _IONBF, 0); /* no second copy of the secret */
	size = fread(text, 1, sizeof(text) - 1, file);
	text[size] = '\0';
	if (ferror(file))
		error = admin_fail(admin, "%s: %s", path, strerror(errno));
	else if (size == sizeof(text) - 1)
		error = admin_fail(admin, "%s: too large for a key", path);
	else
		error = import_text(admin, text, size);
	explicit_bzero(text, sizeof(text));
	if (file != stdin)
		fclose(file);
	return error;
}

/* One key in PEM; of many, with a line above that says which, as RFC 7468 section 2 lets one. */
static enum error print_pem(struct admin *admin, const struct key *key, bool named)
{
	char *pem = es256_to_pem(key->pair);

	if (!pem)
		return admin_fail(admin, "out of memory");
	if (named)
		printf("kid: %s\n", key->kid);
	fputs(pem, stdout);
	free(pem);
	return OK;
}

static enum error export_pem(struct admin *admin, const char *wanted)
{
	const struct keys *keys = keyring_keys(admin->context.keyring);
	double now = time_now();
	size_t printed = 0;
	enum error error = OK;

	for (size_t i = 0; !error && i < keys->count; i++) {
		const struct key *key = &keys->all[i];

		if (!key_is_public(key, now) || (wanted && strcmp(wanted, key->kid) != 0))
			continue;
		error = print_pem(admin, key, !wanted);
		printed++;
	}
	if (!error && wanted && printed == 0)
		error = admin_fail(admin, "there is no public key %s", wanted);
	return error;
}

static enum error export_jwks(struct admin *admin, const char *wanted)
{
	struct json_object *jwks = keyring_to_jwks(admin->context.keyring, wanted, NULL);
	size_t size;

	if (wanted && json_object_array_length(object_member(jwks, "keys")) == 0) {
		json_object_put(jwks);
		return admin_fail(admin, "there is no public key %s", wanted);
	}
	puts(object_to_text(jwks, &size));
	json_object_put(jwks);
	return OK;
}

static enum error key_export(struct admin *admin)
{
	const char *wanted = admin->operands[0];

	if (!admin_option(admin, "public"))
		return admin_misuse(admin, "only public keys are exported: say --public");
	return admin_option(admin, "pem") ? export_pem(admin, wanted) : export_jwks(admin, wanted);
}

static const struct admin_option export_options[] = {
	{ "public", NULL, "the public keys: there is nothing else to export" },
	{ "pem", NULL, "in PEM (else a JWK set)" },
	{ NULL, NULL, NULL },
};

const struct admin_command admin_key_commands[] = {
	{ .group = "key",
	  .verb = "list",
	  .help = "Lists the keys that sign tokens, without their secrets.",
	  .run = key_list },
	{ .group = "key",
	  .verb = "rotate",
	  .help = "Makes new keys. The old ones verify until what they signed has expired. One "
		  "that\n"
		  "others verify by (ES256) is published first, and signs when all can know it.",
	  .run = key_rotate },
	{ .group = "key",
	  .verb = "import",
	  .operands = "FILE",
	  .operand_count = 1,
	  .operand_file = true,
	  .help = "Takes a private key for ES256 from a file (- for standard input), PEM or a JWK, "
		  "in\n"
		  "the place of a new one: as key rotate does, but for refresh tokens.",
	  .run = key_import,
	  .makes_state = true },
	{ .group = "key",
	  .verb = "export",
	  .operands = "[KID] --public",
	  .operand_count = 1,
	  .operand_optional = true,
	  .options = export_options,
	  .help = "Prints the public keys, or one, that tokens are verified by: those that sign, "
		  "will\n"
		  "sign, or did.",
	  .run = key_export },
	{ .group = NULL },
};
