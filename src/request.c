#include "request.h"

#include "audit.h"
#include "cors.h"
#include "endpoint.h"
#include "field.h"
#include "guard.h"
#include "log.h"
#include "reply.h"
#include "route.h"

static enum error read_fields(const struct route *route, const struct request *request,
			      struct call *call)
{
	const struct field *fields = route->operation->fields;
	const struct config *config = &call->context->config;
	int64_t limit = route->operation->bulk ? config->bulk_limit : config->body_limit;

	if (route->method == GET)
		return fields_from_query(fields, route->query, &call->fields, &call->failure);
	if (request->body_too_large || request->body_size > (size_t)limit)
		return fail(&call->failure, ERR_TOO_LARGE, ": at most %lld bytes",
			    (long long)limit);
	return fields_from_body(fields, request->body, request->body_size, request->content_type,
				&call->fields, &call->warnings, &call->failure);
}

/* The steps, in their order; the first that fails ends it. */
static enum error handle(const struct site *site, const struct request *request,
			 struct route *route_r, bool *token_sent_r, struct call *call)
{
	struct context *context = call->context;
	enum error error;

	error = route_find(context->config.mount, site, request, route_r, &call->failure);
	if (!error)
		error = guard_check(call, route_r->operation, request->authorization, token_sent_r);
	if (!error)
		error = read_fields(route_r, request, call);
	if (!error)
		error = route_r->operation->run(call);
	return error;
}

void call_audit(const struct call *call, const char *event, enum error outcome, const char *account,
		const char *detail)
{
	const struct claims *caller = &call->caller;

	audit_write(call->context->audit, call->client,
		    &(struct audit_event){
			    .event = event,
			    .outcome = outcome ? error_name(outcome) : "ok",
			    .account = account,
			    .by = *caller->account ? caller->account : NULL,
			    .session = *caller->session ? caller->session : NULL,
			    .detail = detail,
		    });
}

enum error call_check_database(struct call *call, struct txn *txn)
{
	enum error error = database_exists(txn, call->database.id);

	return error == ERR_ABSENT ? fail(&call->failure, ERR_NO_DATABASE, "%s", call->database.id)
				   : error;
}

bool call_manages(const struct call *call)
{
	return call->caller.role == ROLE_ROOT || call->caller.role == ROLE_MANAGER;
}

bool request_answer(struct context *context, const struct site *site, const struct request *request,
		    struct response *response_r)
{
	struct route route = { .endpoint = NULL };
	struct call call = { .context = context,
			     .client = &request->client,
			     .asked = &request->asked,
			     .path = route.path };
	struct reply reply = {
		.failure = &call.failure,
		.cors = cors_of(&context->config, request),
	};

	call.failure.code = handle(site, request, &route, &reply.token_sent, &call);
	if (call.failure.code == ERR_SERVER || call.failure.code == ERR_ABSENT ||
	    call.failure.code == ERR_EXISTS)
		log_line(LOG_ERR, "%s: unexpected failure %d",
			 route.endpoint ? route.endpoint->path : "request", call.failure.code);
	reply.answer = call.answer;
	reply.warnings = call.warnings;
	reply.cache_control = *call.cache_control ? call.cache_control : NULL;
	reply.allow = route.endpoint;
	/* to any path that is there, and nothing more was done for it than to find that */
	if (reply.cors.preflight && call.failure.code == ERR_METHOD)
		failure_clear(&call.failure);
	reply.head = route.head;
	if (call.passes_caller)
		reply.caller = &call.caller;
	reply.authorizer = request->asked.authorizer;
	reply_render(&reply, response_r);

	failure_clear(&call.failure);
	database_free(&call.database);
	json_object_put(call.fields);
	json_object_put(call.warnings);
	json_object_put(call.answer);
	route_free(&route);
	return call.queued_mail;
}
