# Contract section 3: keys of service accounts.

new_state keys '[server]' 'trusted_proxies = 127.0.0.1'
start_server "$kind"
root=$(root_token)
row .id POST /accounts/service/ '{"name":"worker","password":"workerpassword","role":"backend"}' "$root"
row .id POST /accounts/service/ '{"name":"keyless"}' "$root"
row .id POST /accounts/individual/ '{"email":"ann@example.com","password":"annpassword"}' "$root"

# Making: the key is shown once.
now=$(date +%s)
row '(keys | sort) == ["created_timestamp","id","key","metadata"] and .metadata == {} and
	(.key | test("^dwkey_[A-Za-z0-9_-]{64}$")) and .created_timestamp >= '"$now" \
	POST /accounts/service/keys/ '{"name":"worker"}' "$root"
first=$(field .key) first_id=$(field .id)
row ".expiration_timestamp == $((now + 1000)) and .metadata == {\"host\":\"a\"}" POST /accounts/service/keys/ \
	"{\"name\":\"worker\",\"expiration_timestamp\":$((now + 1000)),\"metadata\":{\"host\":\"a\"}}" "$root"
second=$(field .key) second_id=$(field .id)
check 'two keys differ' test "$first" != "$second"
check 'audit' equal "$(audit service-key.create '[.outcome, .account, .detail] | join(" ")')" "ok worker $second_id"
check 'no key in the audit trail' equal "$(grep -c dwkey_ "$state/audit.log")" 0

# Refused.
row ACCOUNT_NOT_FOUND POST /accounts/service/keys/ '{"name":"nobody"}' "$root"
row ACCOUNT_NOT_FOUND POST /accounts/service/keys/ '{"name":"ann@example.com"}' "$root"
row fields:name POST /accounts/service/keys/ '' "$root"
row 'fields:expiration_timestamp metadata name' POST /accounts/service/keys/ \
	'{"name":1,"expiration_timestamp":"soon","metadata":[]}' "$root"
for time in 0 1 $((now - 1)) -5 1e300 253402300800; do
	row fields:expiration_timestamp POST /accounts/service/keys/ \
		"{\"name\":\"worker\",\"expiration_timestamp\":$time}" "$root"
done
row WRONG_DATA_TYPE POST /accounts/service/keys/ '{' "$root"

# Listed without the key.
row ".service_accounts[] | select(.name == \"worker\") | .keys | length == 2 and
	(map(select(.id == \"$second_id\"))[0] | .is_expired == false and .metadata == {\"host\":\"a\"} and
	.expiration_timestamp == $((now + 1000)) and (has(\"key\") or has(\"hash\") | not)) and
	(map(select(.id == \"$first_id\"))[0] | has(\"expiration_timestamp\") | not)" \
	GET /organizations/current/accounts/ '' "$root"
row '.service_accounts[] | select(.name == "keyless") | .keys == []' GET /organizations/current/accounts/ '' "$root"

# Logging in: with the password and with each key, and with nobody else's.
as() { printf '{"name":"%s","password":"%s"}' "$1" "$2"; }
row .token POST /login/service/ "$(as worker workerpassword)"
row .token POST /login/service/ "$(as worker "$first")"
row .token POST /login/service/ "$(as worker "$second")"
row INCORRECT_PASSWORD POST /login/service/ "$(as keyless "$first")"
row INCORRECT_PASSWORD POST /login/service/ "$(as nobody "$first")"
row INCORRECT_PASSWORD POST /login/service/ "$(as worker "${first%?}")"
row INCORRECT_PASSWORD POST /login/service/ "$(as worker "${first}A")"
forged=$(printf '%s' "${first:0:30}"; printf 'A%.0s' {1..40})
row INCORRECT_PASSWORD POST /login/service/ "$(as worker "$forged")"
row fields:email POST /login/individual/ "$(as worker "$first")"
row INCORRECT_PASSWORD POST /login/individual/ "{\"email\":\"ann@example.com\",\"password\":\"$first\"}"

# Deleting a key ends the sessions that were opened with it, and no other.
login() { request POST /login/service/ "$(as worker "$1")"; token=$(field .token) refresh=$(field .refresh_token); }
login "$second"; second_token=$token second_refresh=$refresh
login workerpassword; password_token=$token
login "$first"
row .token POST /login/refresh-token/ "{\"refresh_token\":\"$refresh\"}"
renewed=$(field .token)
row empty DELETE "/accounts/service/keys/$first_id/" '' "$root"
for path in "$first_id" nothing "$first" '%C3%A9' 'a%2Fb'; do
	row KEY_NOT_FOUND DELETE "/accounts/service/keys/$path/" '' "$root"
done
row WRONG_DATA_TYPE DELETE '/accounts/service/keys/%ff/' '' "$root"
row ENDPOINT_NOT_FOUND DELETE '/accounts/service/keys/a/b/' '' "$root"
check 'type' equal "$(request DELETE /v1/accounts/service/keys/x '' "$root"; field '.error_data | .type + " " + .key')" 'key x'
for gone in "$token" "$renewed"; do
	row INCORRECT_JWT_TOKEN POST /login/jwt/ '' "$gone"
	check 'revoked' equal "$(field .error_data.error)" 'the JWT token is revoked'
done
row INCORRECT_REFRESH_TOKEN POST /login/refresh-token/ "{\"refresh_token\":\"$refresh\"}"
row INCORRECT_PASSWORD POST /login/service/ "$(as worker "$first")"
for alive in "$second_token" "$password_token"; do row .account POST /login/jwt/ '' "$alive"; done
row .token POST /login/refresh-token/ "{\"refresh_token\":\"$second_refresh\"}"

# Another organization's key is none.
printf 'otherrootpassword\n' | doorward org add Other --email other@example.com >/dev/null
other=$(login_as /login/root/ '{"email":"other@example.com","password":"otherrootpassword"}')
row KEY_NOT_FOUND DELETE "/accounts/service/keys/$second_id/" '' "$other"
row ACCOUNT_NOT_FOUND POST /accounts/service/keys/ '{"name":"worker"}' "$other"
row .token POST /login/service/ "$(as worker "$second")"

# An expired key: no login with it, its session gets no further than it.
now=$(date +%s)
row .key POST /accounts/service/keys/ "{\"name\":\"worker\",\"expiration_timestamp\":$((now + 3))}" "$root"
short=$(field .key) short_id=$(field .id)
login "$short"
row .token POST /login/refresh-token/ "{\"refresh_token\":\"$refresh\"}"
expired() { request POST /login/service/ "$(as worker "$short")"; [ "$status" = 401 ]; }
check 'it expires' wait_for 6 expired
row INCORRECT_PASSWORD POST /login/service/ "$(as worker "$short")"
row REFRESH_TOKEN_EXPIRED POST /login/refresh-token/ "{\"refresh_token\":\"$refresh\"}"
row ".service_accounts[] | select(.name == \"worker\") | .keys[] | select(.id == \"$short_id\") | .is_expired" \
	GET /organizations/current/accounts/ '' "$root"

# Many at once; deleting the account deletes them.
for _ in {1..20}; do row .key POST /accounts/service/keys/ '{"name":"worker"}' "$root"; done
key=$(field .key)
row '.service_accounts[] | select(.name == "worker") | .keys | length == 22' GET /organizations/current/accounts/ '' "$root"
row empty DELETE /accounts/service/ '{"name":"worker"}' "$root"
row .id POST /accounts/service/ '{"name":"worker","password":"workerpassword","role":"backend"}' "$root"
row INCORRECT_PASSWORD POST /login/service/ "$(as worker "$key")"
row '.service_accounts[] | select(.name == "worker") | .keys == []' GET /organizations/current/accounts/ '' "$root"
check 'no key is left' equal "$(doorward status --json | jq .service_keys)" 0

# A login with a key costs no password hash, which is slow here.
sed -i "s/^cost.*/cost = 9/" "$state/doorward.conf"
stop_server
start_server "$kind"
row .key POST /accounts/service/keys/ '{"name":"worker"}' "$(login_as /login/root/ \
	'{"email":"root@example.com","password":"rootpassword"}')"
key=$(field .key)
took() { local start=${EPOCHREALTIME/./}; request POST /login/service/ "$(as "$1" "$2")"; echo $((${EPOCHREALTIME/./} - start)); }
with_key=$(took worker "$key") with_password=$(took nobody wrongpassword)
check "a key is quicker than a hash: $with_key against $with_password" test $((2 * with_key)) -lt "$with_password"

# Where the request comes from, behind a trusted proxy.
row .token POST /login/service/ "$(as worker "$key")" '' -H 'X-Forwarded-For: 203.0.113.9, 198.51.100.7'
check 'the hop that the proxy saw' equal "$(audit login .address)" 198.51.100.7
row .token POST /login/service/ "$(as worker "$key")" '' -H 'X-Forwarded-For: 2001:db8::1'
check 'IPv6' equal "$(audit login .address)" 2001:db8::1
row .token POST /login/service/ "$(as worker "$key")" '' -H 'X-Forwarded-For: 203.0.113.9' \
	-H 'X-Forwarded-For: 203.0.113.8' -H 'X-Forwarded-For: 198.51.100.7'
check 'also where that is a line of its own' equal "$(audit login .address)" 198.51.100.7
row .token POST /login/service/ "$(as worker "$key")" '' -H 'X-Forwarded-For: 203.0.113.9, "nonsense'
check 'what is no address ends it' equal "$(audit login .address)" 127.0.0.1
row .token POST /login/service/ "$(as worker "$key")"
check 'no header' equal "$(audit login .address)" 127.0.0.1
