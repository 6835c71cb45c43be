# Contract section 4: logging in, renewing, logging out.

new_state login
start_server "$kind"
root=$(root_token)

# Root: no refresh token, no database.
row '(keys | sort) == ["expires_in","org_id","role","token"] and .role == "root" and .expires_in == 900' \
	POST /login/root/ '{"email":"ROOT@example.com","password":"rootpassword"}'
row INCORRECT_PASSWORD POST /login/root/ '{"email":"root@example.com","password":"wrongpassword"}'
row INCORRECT_PASSWORD POST /login/root/ '{"email":"stranger@example.com","password":"wrongpassword"}'
check 'the message' equal "$(field .message)" \
	'Cannot perform authentication: account password is incorrect'
row '.account.role == "root" and (has("database") | not)' POST /login/jwt/ '{}' "$root"

database() { request POST /databases/ "$1" "$root"; field .id; }
shop=$(database '{"name":"shop","item_id_type":"uuid","user_id_type":"uint32","session_id_type":"hex16",
	"description":"A shop"}')
plain=$(database '{"name":"plain","item_id_type":"uuid","user_id_type":"urlsafe8"}')
service() {
	row .id POST /accounts/service/ \
		"{\"name\":\"$1\",\"password\":\"password-$1\",\"role\":\"$1\"}" "$root"
}
service manager
service backend
service frontend
row .id POST /accounts/individual/ '{"email":"ann@example.com","password":"annpassword"}' "$root"
as() { printf '{"name":"%s","password":"password-%s"%s}' "$1" "$1" "${2:+,$2}"; }

# The order of checks: password, role for login/root/, verified, database.
row INCORRECT_PASSWORD POST /login/root/ '{"email":"ann@example.com","password":"wrongpassword"}'
row ROLE_NOT_ALLOWED POST /login/root/ '{"email":"ann@example.com","password":"annpassword"}'
row ACCOUNT_NOT_VERIFIED POST /login/individual/ \
	'{"email":"ann@example.com","password":"annpassword","db_id":"nothing"}'
row INCORRECT_PASSWORD POST /login/individual/ \
	'{"email":"ann@example.com","password":"wrongpassword","db_id":"nothing"}'
doorward account verify ann@example.com
row DATABASE_NOT_FOUND POST /login/individual/ \
	'{"email":"ann@example.com","password":"annpassword","db_id":"nothing"}'
row .refresh_token POST /login/individual/ '{"email":"ann@example.com","password":"annpassword"}'
row INCORRECT_PASSWORD POST /login/individual/ '{"email":"backend@example.com","password":"password-backend"}'
row .token POST /login/individual/ '{"email":"root@example.com","password":"rootpassword"}'

# Databases by ID, by name, by both.
row '(keys | sort) == ["expires_in","org_id","refresh_token","role","token"] and .role == "backend"' \
	POST /login/service/ "$(as backend)"
for wish in "\"db_id\":\"$shop\"" '"db_name":"shop"' "\"db_id\":\"$shop\",\"db_name\":\"shop\""; do
	row ".database == {id:\"$shop\",name:\"shop\",description:\"A shop\",item_id_type:\"uuid\",
		user_id_type:\"uint32\",session_id_type:\"hex16\"}" POST /login/service/ "$(as backend "$wish")"
	token=$(field .token)
	row ".database == {id:\"$shop\",item_id_type:\"uuid\",user_id_type:\"uint32\",
		session_id_type:\"hex16\"}" POST /login/jwt/ '{}' "$token"
done
row '.database | has("session_id_type") | not' POST /login/service/ "$(as backend '"db_name":"plain"')"
row DATABASE_NOT_FOUND POST /login/service/ "$(as backend '"db_name":"Shop"')"
check 'type and key' equal "$(field '.error_data.type + " " + .error_data.key')" 'database Shop'
row DATABASE_NOT_FOUND POST /login/service/ "$(as backend '"db_id":"shop"')"
row DATABASE_NOT_FOUND POST /login/service/ "$(as backend "\"db_id\":\"$shop\",\"db_name\":\"plain\"")"

# A frontend names its user or session and a database.
row 'fields:db_id frontend_user_id' POST /login/service/ "$(as frontend)"
row fields:frontend_user_id POST /login/service/ "$(as frontend '"db_name":"shop"')"
row fields:db_id POST /login/service/ "$(as frontend '"frontend_user_id":1')"
row fields:frontend_user_id POST /login/service/ "$(as frontend '"db_name":"shop","frontend_user_id":-1')"
row fields:frontend_session_id POST /login/service/ \
	"$(as frontend '"db_name":"shop","frontend_session_id":"xyz"')"
row fields:frontend_session_id POST /login/service/ \
	"$(as frontend '"db_name":"plain","frontend_session_id":"ab"')"
row '.role == "frontend" and .database.name == "shop"' POST /login/service/ \
	"$(as frontend '"db_name":"shop","frontend_user_id":42')"
token=$(field .token) refresh=$(field .refresh_token)
row '.frontend_user_id == 42 and .account.role == "frontend" and (has("frontend_session_id") | not)' \
	POST /login/jwt/ '{}' "$token"
row '.role == "frontend"' POST /login/service/ "$(as frontend '"db_name":"shop","frontend_session_id":"ab"')"
row '.frontend_session_id == "AB" and (has("frontend_user_id") | not)' POST /login/jwt/ '{}' "$(field .token)"

# Its database is its database.
renew() { printf '{"refresh_token":"%s"%s}' "$1" "${2:+,$2}"; }
row '.role == "frontend" and .database.name == "shop"' POST /login/refresh-token/ "$(renew "$refresh")"
row '.frontend_user_id == 42' POST /login/jwt/ '{}' "$(field .token)"
row '.database.name == "shop"' POST /login/refresh-token/ "$(renew "$refresh" '"db_name":"shop"')"
row ROLE_NOT_ALLOWED POST /login/refresh-token/ "$(renew "$refresh" '"db_name":"plain"')"
# and it is not told whether there are others
row ROLE_NOT_ALLOWED POST /login/refresh-token/ "$(renew "$refresh" '"db_name":"nothing"')"
row ROLE_NOT_ALLOWED POST /login/refresh-token/ "$(renew "$refresh" '"db_id":"AAAAAAAAAAAAAAAAAAAAAA"')"

# Every other role that names a user is narrowed.
for role in manager backend; do
	row '.role == "frontend"' POST /login/service/ "$(as $role '"db_name":"shop","frontend_user_id":"007"')"
	token=$(field .token) refresh=$(field .refresh_token)
	row '.frontend_user_id == 7 and .account.role == "frontend"' POST /login/jwt/ '{}' "$token"
	row ROLE_NOT_ALLOWED GET /databases/ '' "$token"
	row ROLE_NOT_ALLOWED DELETE /accounts/ '' "$token"
	row '.role == "frontend"' POST /login/refresh-token/ "$(renew "$refresh")"
	row fields:db_id POST /login/service/ "$(as $role '"frontend_user_id":7')"
done
row '.role == "frontend"' POST /login/individual/ '{"email":"root@example.com","password":"rootpassword",
	"db_name":"shop","frontend_user_id":7}'
row ROLE_NOT_ALLOWED GET /organizations/current/accounts/ '' "$(field .token)"

# Renewing: the same refresh token in every answer; another database, which then stays.
request POST /login/service/ "$(as backend)"
refresh=$(field .refresh_token)
row ".refresh_token == \"$refresh\" and .expires_in == 900 and .role == \"backend\" and
	(has(\"database\") | not)" POST /login/refresh-token/ "$(renew "$refresh")"
row '.database.name == "shop"' POST /login/refresh-token/ "$(renew "$refresh" '"db_name":"shop"')"
row '.database.name == "shop"' POST /login/refresh-token/ "$(renew "$refresh")"
row ".database.name == \"plain\"" POST /login/refresh-token/ "$(renew "$refresh" "\"db_id\":\"$plain\"")"
row ".database.id == \"$plain\"" POST /login/jwt/ "{}" "$(field .token)"
row DATABASE_NOT_FOUND POST /login/refresh-token/ "$(renew "$refresh" '"db_name":"nothing"')"
row '.database.name == "plain"' POST /login/refresh-token/ "$(renew "$refresh")"
first=$([ "${refresh:0:1}" = A ] && echo Q || echo A)
for token in x '' "${refresh%?}" "${refresh}A" "$first${refresh#?}" "${refresh%?????}AAAAA" "$(field .token)"; do
	[ "$token" != "$refresh" ] || continue
	row INCORRECT_REFRESH_TOKEN POST /login/refresh-token/ "$(renew "$token")"
done
row fields:refresh_token POST /login/refresh-token/ '{}'
row fields:refresh_token POST /login/refresh-token/ "$(renew "$(printf 'x%.0s' {1..600})")"

# Logging out ends this session and no other.
request POST /login/service/ "$(as backend)"
token=$(field .token) refresh=$(field .refresh_token)
request POST /login/service/ "$(as backend)"
other=$(field .token)
request POST /login/refresh-token/ "$(renew "$refresh")"
renewed=$(field .token)
row empty POST /login/logout/ '' "$token"
row INCORRECT_JWT_TOKEN POST /login/jwt/ '{}' "$token"
row INCORRECT_JWT_TOKEN POST /login/jwt/ '{}' "$renewed"
row INCORRECT_JWT_TOKEN POST /login/logout/ '' "$token"
row INCORRECT_REFRESH_TOKEN POST /login/refresh-token/ "$(renew "$refresh")"
row .account POST /login/jwt/ '{}' "$other"
request POST /login/root/ '{"email":"root@example.com","password":"rootpassword"}'
token=$(field .token)
row empty POST /login/logout/ '{}' "$token"
row INCORRECT_JWT_TOKEN POST /login/jwt/ '{}' "$token"

# Key rotation: what was signed before goes on; refresh tokens move to the new key, as soon as the
# responder has looked at the file again.
request POST /login/service/ "$(as backend)"
token=$(field .token) refresh=$(field .refresh_token)
doorward key rotate >/dev/null
row .account POST /login/jwt/ '{}' "$token"
moved() { request POST /login/refresh-token/ "$(renew "$refresh")"; [ "$(field .refresh_token)" != "$refresh" ]; }
check 'the refresh token moves' wait_for 5 moved
next=$(field .refresh_token)
row .account POST /login/jwt/ '{}' "$(field .token)"
row .token POST /login/refresh-token/ "$(renew "$refresh")"
row ".refresh_token == \"$next\"" POST /login/refresh-token/ "$(renew "$next")"
