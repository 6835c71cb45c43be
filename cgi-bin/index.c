/* GET / — a word of welcome. */
#include "endpoint.h"

static enum error get(struct call *call)
{
	call->answer = json_object_new_string("Welcome to the Doorward API");
	return OK;
}

const struct endpoint index_endpoint = {
	.path = "",
	.methods = { [GET] = { .run = get, .roles = ANYONE } },
};
