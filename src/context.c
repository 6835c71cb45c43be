#include "context.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tables.h"

bool context_open(struct context *context)
{
	struct store_options options = {
		.tables = table_names,
		.table_count = TABLE__MAX,
		.cache = context->config.cache,
	};
	char *directory;

	if (asprintf(&directory, "%s/store", context->config.directory) < 0)
		return false;
	options.directory = directory;
	context->keyring = keyring_open(context->config.directory);
	context->store = store_open(&options);
	free(directory);
	if (context->keyring && context->store)
		return true;
	keyring_close(context->keyring);
	store_close(context->store);
	context->keyring = NULL;
	context->store = NULL;
	return false;
}

void context_close(struct context *context)
{
	store_close(context->store);
	keyring_close(context->keyring);
	config_free(&context->config);
	memset(context, 0, sizeof(*context));
}
