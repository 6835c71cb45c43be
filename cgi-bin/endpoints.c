/*
 * Every endpoint there is. A new one is a file beside this one and two lines here; it then has its
 * route, its hard link, and must have its row in tests/http/roles.sh.
 */
#include "endpoint.h"

extern const struct endpoint index_endpoint, health, login_individual, login_service, login_root,
	login_refresh_token, login_jwt, login_logout, accounts_individual, accounts_service,
	accounts_service_keys, accounts_service_keys_id, accounts_verify,
	accounts_resend_verification_code, accounts_individual_send_reset_password_email,
	accounts_individual_reset, accounts, organizations_current, organizations_current_preview,
	organizations_current_accounts, databases, databases_current, databases_current_preview,
	databases_current_status, users_user_ratings_item, users_user_ratings, ratings_bulk,
	recommendation_users_user_items, well_known_jwks, authorize;

const struct endpoint *const endpoints[] = {
	&authorize,
	&login_jwt,
	&login_refresh_token,
	&login_individual,
	&login_service,
	&login_root,
	&login_logout,
	&accounts_individual,
	&accounts_service,
	&accounts_service_keys,
	&accounts_service_keys_id,
	&accounts_verify,
	&accounts_resend_verification_code,
	&accounts_individual_send_reset_password_email,
	&accounts_individual_reset,
	&accounts,
	&organizations_current,
	&organizations_current_preview,
	&organizations_current_accounts,
	&databases,
	&databases_current,
	&databases_current_preview,
	&databases_current_status,
	&users_user_ratings_item,
	&users_user_ratings,
	&ratings_bulk,
	&recommendation_users_user_items,
	&well_known_jwks,
	&health,
	&index_endpoint,
};

const size_t endpoint_count = sizeof(endpoints) / sizeof(endpoints[0]);
