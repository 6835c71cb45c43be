#include "context.h"

#include <stdio.h>
#include <stdlib.h>

#include "tables.h"

static void close_parts(struct context *context)
{
	store_close(context->store);
	keyring_close(context->keyring);
	verified_close(context->verified);
	audit_close(context->audit);
	policy_watch_close(context->policy);
	context->store = NULL;
	context->keyring = NULL;
	context->verified = NULL;
	context->audit = NULL;
	context->policy = NULL;
}

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
	context->verified = verified_open();
	context->audit = audit_open(&context->config);
	free(directory);
	if (context->keyring && context->store && context->verified && context->audit)
		return true;
	close_parts(context);
	return false;
}

bool context_open_policy(struct context *context, char *why_r, size_t size)
{
	if (!context->config.policy)
		return true;
	context->policy = policy_watch_open(context->config.policy, why_r, size);
	return context->policy != NULL;
}

void context_close(struct context *context)
{
	close_parts(context);
	config_free(&context->config);
}
