/*
 * The two tokens of contract section 4. The JWT (RFC 7519) says who calls, for minutes; the refresh
 * token gets the next JWT, for weeks. Both are signed by the key ring; here nothing is looked up: that
 * the session and the account still exist is for session.h to say.
 */
#ifndef DOORWARD_TOKEN_H
#define DOORWARD_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include "encode.h"
#include "error.h"
#include "identifier.h"
#include "keyring.h"
#include "role.h"

#define JWT_SIZE 2048

/* What a JWT claims. An empty text stands for a claim that is not there. */
struct claims {
	char account[ID_SIZE];		    /* sub */
	char organization[ID_SIZE];	    /* org */
	char session[ID_SIZE];		    /* sid */
	char database[ID_SIZE];		    /* db, optional */
	char key[ID_SIZE];		    /* key, optional: the service key of the login */
	char user[IDENTIFIER_SIZE];	    /* fuid, optional */
	char user_session[IDENTIFIER_SIZE]; /* fsid, optional */
	enum role role;			    /* role */
	int64_t epoch;			    /* epoch: the account's at login, see account.h */
	int64_t issued;			    /* iat, seconds since the epoch */
	int64_t expires; /* exp, likewise: the first second it is no longer good */
};

/* Signs claims with the ring's present key. ERR_SERVER when there is none. */
enum error bearer_token_sign(struct keyring *keyring, const char *issuer,
			     const struct claims *claims, char jwt_r[JWT_SIZE]);

/*
 * Checks a JWT: its form, its header against the key it names, the signature, then the claims.
 * ERR_JWT or ERR_JWT_EXPIRED (exp <= now) otherwise, with the failure's text.
 */
enum error bearer_token_verify(struct keyring *keyring, const char *issuer, const char *jwt,
			       int64_t now, struct claims *claims_r, struct failure *failure);

/* What a refresh token says. */
struct refresh_claims {
	char session[ID_SIZE];
	uint32_t counter; /* how many came before it in its session */
	int64_t expires;  /* seconds since the epoch: the first second it is no longer good */
};

#define REFRESH_TOKEN_BYTES (ID_BYTES + 4 + 8 + 32)
#define REFRESH_TOKEN_SIZE (BASE64URL_LENGTH(REFRESH_TOKEN_BYTES) + 1)

/*
 * The refresh token with these claims: the same ones always give the same token under the same key, so
 * that nothing has to be stored, and two renewals at once get one successor. ERR_SERVER without a key.
 */
enum error refresh_token_make(struct keyring *keyring, const struct refresh_claims *claims,
			      char token_r[REFRESH_TOKEN_SIZE]);

/*
 * Reads a refresh token. ERR_REFRESH_TOKEN when it is forged, ERR_REFRESH_TOKEN_EXPIRED when it was
 * good once. *retiring_r says that its key is about to leave the ring, so that it needs a successor.
 */
enum error refresh_token_read(struct keyring *keyring, const char *token, int64_t now,
			      struct refresh_claims *claims_r, bool *retiring_r,
			      struct failure *failure);

#endif
