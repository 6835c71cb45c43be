# Expiry, rotation and the reuse of refresh tokens, with lifetimes of seconds.

json_login='{"name":"web","password":"webpassword"}'
renew() { printf '{"refresh_token":"%s"}' "$1"; }
begin() {
	start_server "$kind"
	root=$(root_token)
	request POST /accounts/service/ '{"name":"web","password":"webpassword","role":"backend"}' "$root"
	request POST /login/service/ "$json_login"
	token=$(field .token) refresh=$(field .refresh_token)
}

# when-due: the same token until the last third of its life, then a successor; the old one stays good
# until its own end.
new_state when-due '[token]' 'jwt_lifetime = 3' 'refresh_lifetime = 9' 'session_lifetime = 60'
begin
check 'expires_in' equal "$(field .expires_in)" 3
row .account POST /login/jwt/ '{}' "$token"
row ".refresh_token == \"$refresh\"" POST /login/refresh-token/ "$(renew "$refresh")"
expired() { request POST /login/jwt/ '{}' "$token"; [ "$(field .error_code)" = 22 ]; }
check 'the JWT expires' wait_for 8 expired
row EXPIRED_JWT_TOKEN POST /login/jwt/ '{}' "$token"
check 'invalid_token' equal "$(header WWW-Authenticate)" 'Bearer error="invalid_token"'
row EXPIRED_JWT_TOKEN GET /databases/ '' "$token"
row .token POST /login/root/ '{"email":"root@example.com","password":"rootpassword"}' "$token"
due() { request POST /login/refresh-token/ "$(renew "$refresh")"; [ "$(field .refresh_token)" != "$refresh" ]; }
check 'a successor in the last third' wait_for 12 due
check 'status' equal "$status" 200
successor=$(field .refresh_token)
row ".refresh_token == \"$successor\"" POST /login/refresh-token/ "$(renew "$refresh")"
row ".refresh_token == \"$successor\"" POST /login/refresh-token/ "$(renew "$successor")"
gone() { request POST /login/refresh-token/ "$(renew "$refresh")"; [ "$(field .error_code)" = 28 ]; }
check 'the old one expires' wait_for 12 gone
row REFRESH_TOKEN_EXPIRED POST /login/refresh-token/ "$(renew "$refresh")"
row .token POST /login/refresh-token/ "$(renew "$successor")"
stop_server

# The session's absolute end.
new_state end '[token]' 'refresh_lifetime = 60' 'session_lifetime = 2'
begin
row .token POST /login/refresh-token/ "$(renew "$refresh")"
check 'no renewal after the end' wait_for 6 gone
row REFRESH_TOKEN_EXPIRED POST /login/refresh-token/ "$(renew "$refresh")"
stop_server

# Logins sweep what is over: those that were there before go, one by one.
sed -i 's/^refresh_lifetime.*/jwt_lifetime = 1/' "$state/doorward.conf"
start_server "$kind"
for i in {1..20}; do request POST /login/service/ "$json_login"; done
sessions() { doorward session list --json | jq -r '.[].id' | sort; }
sessions >"$work/before"
swept() {
	request POST /login/service/ "$json_login"
	sessions | comm -12 "$work/before" - >"$work/left"
	[ ! -s "$work/left" ]
}
check 'expired sessions are swept' wait_for 20 swept
stop_server

# always: each renewal rotates; the predecessor is taken until its successor is used; an older one is
# theft and ends the session.
new_state always '[token]' 'refresh_rotation = always'
begin
row ".refresh_token != \"$refresh\"" POST /login/refresh-token/ "$(renew "$refresh")"
second=$(field .refresh_token)
row ".refresh_token == \"$second\"" POST /login/refresh-token/ "$(renew "$refresh")"
row ".refresh_token != \"$second\"" POST /login/refresh-token/ "$(renew "$second")"
third=$(field .refresh_token)
jwt=$(field .token)
row ".refresh_token == \"$third\"" POST /login/refresh-token/ "$(renew "$second")"
row .account POST /login/jwt/ '{}' "$jwt"
row INCORRECT_REFRESH_TOKEN POST /login/refresh-token/ "$(renew "$refresh")"
row INCORRECT_REFRESH_TOKEN POST /login/refresh-token/ "$(renew "$third")"
row INCORRECT_JWT_TOKEN POST /login/jwt/ '{}' "$jwt"
row .token POST /login/service/ "$json_login"
