/*
 * Lists of ratings in the bodies of requests: checked as a whole, since they are written as a whole.
 */
#ifndef DOORWARD_RATING_LIST_H
#define DOORWARD_RATING_LIST_H

#include <stddef.h>

#include "endpoint.h"
#include "rating.h"

struct rating_list {
	struct rating *ratings;
	size_t count;
};

/*
 * Writes the ratings in the field "ratings" of a call with an open database, all of them or none; the user
 * is the call's where it has one, else that of each rating. ERR_FIELDS names the place of each fault:
 * "ratings.3.item_id"; ERR_DUPLICATED_RATING where a pair is in it twice.
 */
enum error rating_list_put(struct call *call);

/* Writes a list in a transaction of its own, where the database is still there: else ERR_NO_DATABASE. */
enum error rating_list_write(struct call *call, const struct rating_list *list);

/* The members "item_id", "rating" and "timestamp" of a rating in an answer. */
void rating_list_describe(const struct call *call, const struct rating *rating,
			  struct json_object *object);

/* An identifier that is a part of the path, under its field's name: ERR_FIELDS. */
enum error rating_list_item(struct call *call, const char *text, char item_r[IDENTIFIER_SIZE]);

#endif
