/*
 * Logging in and renewing (contract section 4): what the login endpoints share. The order of checks is
 * throttle, account and password (one answer, in one time), root where only root may, verified,
 * database, user.
 */
#ifndef DOORWARD_LOGIN_H
#define DOORWARD_LOGIN_H

#include <json-c/json.h>
#include <stdbool.h>

#include "account.h"
#include "client.h"
#include "context.h"
#include "database.h"
#include "endpoint.h"
#include "error.h"
#include "session.h"
#include "token.h"

/* What a client asks for besides proving who it is; NULL where it said nothing. */
struct login_wish {
	const char *database_id, *database_name;
	struct json_object *user;	  /* frontend_user_id, borrowed */
	struct json_object *user_session; /* frontend_session_id, borrowed */
};

struct login_request {
	enum account_kind kind;
	const char *login; /* email or name */
	const char *password;
	bool root_only; /* for the root account only, and without refresh token or database */
	struct login_wish wish;
};

/* What a client gets. */
struct login_grant {
	struct session session;
	struct database database; /* all zero where none is selected */
	char jwt[JWT_SIZE];
	char refresh_token[REFRESH_TOKEN_SIZE]; /* empty for root_only */
	int64_t expires_in;			/* seconds that the JWT is good */
};

/* The wish that a login's checked fields hold. */
struct login_wish login_wish_of(struct json_object *fields);

/* Frees and wipes a grant. */
void login_grant_free(struct login_grant *grant);

/* Logs in with a password, or a service account with a key. The caller frees the grant after OK. */
enum error login_with_password(struct context *context, const struct client *client,
			       const struct login_request *request, struct login_grant *grant_r,
			       struct failure *failure);

/* Renews with a refresh token. The wish may name a database only. The caller frees after OK. */
enum error login_renew(struct context *context, const struct client *client,
		       const char *refresh_token, const struct login_wish *wish,
		       struct login_grant *grant_r, struct failure *failure);

/* The answer to a login or renewal. The caller puts it. */
struct json_object *login_grant_to_json(const struct login_grant *grant);

/* What the endpoints that log in do: logs in, and answers. */
enum error login_answer(struct call *call, const struct login_request *request);

#endif
