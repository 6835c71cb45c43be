#include "record.h"

#include "log.h"
#include "object.h"

enum error record_parse(const struct record_format *format, struct bytes value,
			struct json_object **record_r)
{
	struct json_object *record = object_parse_own(value.data, value.size);
	int64_t version = object_integer(record, "v", 0);

	if (version < 1 || version > format->version) {
		log_line(LOG_ERR, "store: %s record %s", format->what,
			 version > format->version ? "was written by a newer version of Doorward"
						   : "is damaged");
		json_object_put(record);
		return ERR_SERVER;
	}
	for (; version < format->version; version++)
		format->upgrades[version - 1](record);
	*record_r = record;
	return OK;
}

typedef enum error get_fn(struct txn *, unsigned, struct bytes, struct bytes *);

static enum error get_with(get_fn *get, struct txn *txn, unsigned table, const char *key,
			   const struct record_format *format, struct json_object **record_r)
{
	struct bytes value;
	enum error error = get(txn, table, bytes_of(key), &value);

	return error ? error : record_parse(format, value, record_r);
}

enum error record_get(struct txn *txn, unsigned table, const char *key,
		      const struct record_format *format, struct json_object **record_r)
{
	return get_with(store_get, txn, table, key, format, record_r);
}

enum error record_get_to_change(struct txn *txn, unsigned table, const char *key,
				const struct record_format *format, struct json_object **record_r)
{
	return get_with(store_get_to_change, txn, table, key, format, record_r);
}

enum error record_put(struct txn *txn, unsigned table, const char *key,
		      const struct record_format *format, struct json_object *record)
{
	size_t size;
	const char *text;

	object_add_integer(record, "v", format->version);
	text = object_to_text(record, &size);
	return store_put(txn, table, bytes_of(key), (struct bytes){ text, size });
}
