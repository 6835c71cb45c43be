# Requests that give every status and every error of every operation, and the examples of
# doc/openapi.yaml. Sourced by run, with the recording on: what is right is for the document to say, here
# is only the status.

item=123e4567-e89b-12d3-a456-426614174000
other=00000000-0000-4000-8000-000000000001
web='{"name":"shop-web","password":"correct horse battery","db_name":"shop","frontend_user_id":42}'

# ask STATUS METHOD PATH [BODY [TOKEN]]: a request; for GET also HEAD, before it.
ask() {
	[ "$2" != GET ] || { request HEAD "${@:3}" && check "HEAD $3: $status" equal "$status" "$1"; }
	request "${@:2}"
	check "${*:2:3}: $status $body" equal "$status" "$1"
}

# each FUNCTION: calls it for every operation there is, with what --describe says of it: method, path,
# roles ("anyone", or a list with commas), database, own_user, bulk; faults, a query or a body all of
# whose fields are wrong, empty where it takes none. at is a path to ask.
each() {
	local method path roles database own_user bulk faults at
	while IFS='|' read -r method path roles database own_user bulk faults; do
		at=${path/<user>/42} at=${at/<item>/$item} at=${at/<id>/nothing}
		"$1"
	done < <("$build/doorward.fcgi" --describe | jq -r '.[] | .path as $path | .methods | to_entries[] |
		.key as $method | .value | [$method, "/" + $path, (if .anyone then "anyone" else .roles | join(",") end),
			.database, .own_user, .bulk,
			if $method == "GET"
			then .fields | map(.name + if .type | test("Page|Amount") then "=0" else "=x" end) | join("&")
			else .fields | map({(.name): (if .type == "List" then 0 else [] end)}) | add // "" end] |
		map(tostring) | join("|")')
}
may() { [[ ,$roles, == *,$1,* ]]; }

# What is refused whoever calls. db: a token of root with a database; who may not delete the own account
# is told that first.
refuse_bodies() {
	local size=70000 token=$db data=${valid["$method $path"]-}
	[ "$path" != /accounts/ ] || token=$spare
	[ "$bulk" = false ] || size=4200000
	[ "$own_user" = false ] || ask 400 "$method" "${at/42/x}" "$data" "$token"
	if [ "$method" = GET ]; then
		[ -n "$faults" ] || return
		ask 400 GET "$at?$faults" '' "$token"
		ask 400 GET "$at?${faults//=/=%zz}" '' "$token"
		return
	fi
	ask 400 "$method" "$at" '[]' "$token"
	ask 413 "$method" "$at" "@$work/large.$size" "$token"
	[ -z "$faults" ] || ask 400 "$method" "$at" "$faults" "$token"
}

# Who may not call. web_token: of the frontend role, for user 42; gone: of a database that is gone.
refuse_callers() {
	[ "$roles" != anyone ] || return
	local data=${valid["$method $path"]-}
	ask 401 "$method" "$at" "$data"
	may frontend || ask 403 "$method" "$at" "$data" "$web_token"
	[ "$own_user" = false ] || ask 403 "$method" "${at/42/7}" "$data" "$web_token"
	[ "$database" = true ] || return
	ask 400 "$method" "$at" "$data" "$root"
	ask 404 "$method" "$at" "$data" "$gone"
}

refuse_expired() { [ "$roles" = anyone ] || ask 401 "$method" "$at" '' "$expired"; }

# With the store out of reach. What is for anyone must be right in itself to get as far as that.
refuse_all() {
	case $path in
	/ | /authorize/ | /.well-known/*) return ;; # which do without
	esac
	[ "$method $path" != 'GET /accounts/verify/' ] || at+='?code=x&email=ann@example.com'
	ask 503 "$method" "$at" "${valid["$method $path"]-}" "$db"
}

declare -A valid=(
	['POST /login/individual/']='{"email":"ann@example.com","password":"four words of Ann","db_name":"shop"}'
	['POST /login/service/']=$web
	['POST /login/root/']='{"email":"root@example.com","password":"rootpassword"}'
	['POST /accounts/verify/']='{"code":"x","email":"ann@example.com"}'
	['PUT /accounts/resend-verification-code/']='{"email":"bob@example.com"}'
	['POST /accounts/individual/send-reset-password-email/']='{"email":"ann@example.com"}'
	['POST /accounts/individual/reset/']='{"email":"ann@example.com","new_password":"other words","code":"x"}'
)
for size in 70000 4200000; do head -c $size /dev/zero | tr '\0' x >"$work/large.$size"; done
mkdir "$work/own" && cp "$build/doorward" "$build/doorward.fcgi" "$work/own"

# A story with everything that can be done.
new_state story '[mail]' 'redirect_urls = https://shop.example/welcome, https://shop.example/welcome?a=[b]&c=%20~!$'
start_server lighttpd "$work/own/doorward.fcgi"
ask 200 GET /
ask 200 GET /health/
ask 200 GET /.well-known/jwks.json
ask 400 GET /authorize/
ask 404 GET /nothing
ask 405 GET /login/root/
ask 400 POST /login/individual/ '{"email":"root"}'
ask 200 POST /login/root/ "${valid[POST /login/root/]}"
root=$(field .token)

ask 200 POST /databases/ '{"name":"shop","item_id_type":"uuid","user_id_type":"uint32"}' "$root"
ask 400 POST /databases/ '{"name":"shop","item_id_type":"uuid","user_id_type":"uint32"}' "$root"
ask 200 GET /databases/ '' "$root"
ask 200 POST /databases/ '{"name":"gone","item_id_type":"uuid","user_id_type":"uint32","session_id_type":"bytes16"}' "$root"
gone=$(login_as /login/individual/ '{"email":"root@example.com","password":"rootpassword","db_name":"gone"}')
ask 200 GET /databases/current/ '' "$gone"
ask 200 DELETE /databases/current/ '' "$gone"
ask 404 POST /login/jwt/ '' "$gone"
db=$(login_as /login/individual/ '{"email":"root@example.com","password":"rootpassword","db_name":"shop"}')
ask 200 PATCH /databases/current/ '{"description":"Everything we sell","metadata":{"region":"north"}}' "$db"
ask 200 GET /databases/current/ '' "$db"
ask 200 PATCH /databases/current/preview/ '{"metadata":{"region":null,"size":3}}' "$db"
ask 200 GET /databases/current/status/ '' "$db"
ask 503 GET /recommendation/users/42/items/ '' "$db"

ask 200 PATCH /organizations/current/ '{"metadata":{"country":"FR"}}' "$root"
ask 200 GET /organizations/current/ '' "$root"
ask 200 PATCH /organizations/current/preview/ '{"metadata":{"country":null,"city":"Lyon"}}' "$root"

# People, and their mails.
ask 200 POST /accounts/individual/ \
	'{"email":"ann@example.com","password":"four words of Ann","first_name":"Ann","role":"manager"}' "$root"
ask 400 POST /accounts/individual/ '{"email":"ann@example.com"}' "$root"
ask 401 POST /login/individual/ "${valid[POST /login/individual/]}"
code=$(in_link "$(mail_link ann@example.com 1)" code)
ask 401 POST /accounts/verify/ '{"code":"x","email":"ann@example.com"}'
ask 200 POST /accounts/verify/ "{\"code\":\"$code\",\"email\":\"ann@example.com\"}"
ask 401 POST /accounts/verify/ '{"code":"x","email":"ann@example.com"}' "$root"
ask 404 POST /accounts/verify/ '{"code":"x","email":"nobody@example.com"}' "$root"
for name in bob cyd; do
	ask 200 POST /accounts/individual/ "{\"email\":\"$name@example.com\",\"password\":\"a few words\"}" "$root"
done
check 'the first mail comes first' test -n "$(mail_link bob@example.com 1)"
ask 200 PUT /accounts/resend-verification-code/ '{"email":"bob@example.com"}'
ask 401 PUT /accounts/resend-verification-code/ '{"email":"ann@example.com"}' "$root"
ask 404 PUT /accounts/resend-verification-code/ '{"email":"nobody@example.com"}' "$root"
ask 401 GET '/accounts/verify/?code=x&email=bob%40example.com'
# each of the two uses a code up
request HEAD "/accounts/verify/?code=$(in_link "$(mail_link bob@example.com 2)" code)&email=bob@example.com"
check 'HEAD verifies' equal "$status" 200
request GET "/accounts/verify/?code=$(in_link "$(mail_link cyd@example.com 1)" code)&email=cyd@example.com"
check 'GET verifies' equal "$status" 200
ask 401 GET '/accounts/verify/?code=x&email=bob%40example.com' '' "$root"
ask 404 GET '/accounts/verify/?code=x&email=nobody@example.com' '' "$root"
ask 401 POST /login/individual/ '{"email":"ann@example.com","password":"wrong"}'
ask 404 POST /login/individual/ '{"email":"ann@example.com","password":"four words of Ann","db_name":"nowhere"}'
ask 200 POST /login/individual/ "${valid[POST /login/individual/]}"
manager=$(field .token)
ask 200 PATCH /accounts/individual/ '{"email":"ann@example.com","last_name":"Example"}' "$manager"
ask 403 PATCH /accounts/individual/ '{"email":"root@example.com","role":"backend"}' "$manager"
ask 404 PATCH /accounts/individual/ '{"email":"nobody@example.com"}' "$manager"
ask 403 POST /login/root/ '{"email":"ann@example.com","password":"four words of Ann"}'
ask 401 POST /login/root/ '{"email":"root@example.com","password":"wrong"}'
ask 200 DELETE /accounts/individual/ '{"email":"bob@example.com"}' "$manager"
ask 403 DELETE /accounts/individual/ '{"email":"root@example.com"}' "$root"
ask 404 DELETE /accounts/individual/ '{"email":"nobody@example.com"}' "$root"

# Programs, and their keys.
ask 200 POST /accounts/service/ '{"name":"shop-web","password":"correct horse battery","role":"frontend"}' "$root"
ask 400 POST /accounts/service/ '{"name":"shop-web"}' "$root"
ask 200 PATCH /accounts/service/ '{"name":"shop-web","metadata":{"host":"www1"}}' "$root"
ask 404 PATCH /accounts/service/ '{"name":"nobody"}' "$root"
ask 404 DELETE /accounts/service/ '{"name":"nobody"}' "$root"
ask 200 POST /accounts/service/keys/ '{"name":"shop-web","metadata":{"host":"www1"}}' "$root"
key=$(field .id)
ask 404 POST /accounts/service/keys/ '{"name":"nobody"}' "$root"
ask 200 DELETE /accounts/individual/ '{"email":"cyd@example.com"}' "$manager"
ask 200 GET /organizations/current/accounts/ '' "$root"
ask 200 GET /organizations/accounts/ '' "$root"
ask 200 DELETE "/accounts/service/keys/$key/" '' "$root"
ask 404 DELETE /accounts/service/keys/nothing/ '' "$root"
ask 200 POST /accounts/service/ '{"name":"spare","password":"a password","role":"backend"}' "$root"
spare=$(login_as /login/service/ '{"name":"spare","password":"a password"}')
ask 401 POST /login/service/ '{"name":"shop-web","password":"wrong"}'
ask 404 POST /login/service/ '{"name":"spare","password":"a password","db_name":"nowhere"}'
ask 200 POST /login/service/ "$web"
web_token=$(field .token) refresh=$(field .refresh_token)
ask 200 POST /login/jwt/ '' "$web_token"
ask 200 POST /login/refresh-token/ "{\"refresh_token\":\"$refresh\"}"
ask 401 POST /login/refresh-token/ '{"refresh_token":"x"}'
ask 403 POST /login/refresh-token/ "{\"refresh_token\":\"$refresh\",\"db_name\":\"nowhere\"}"
renewal=$(login_as /login/service/ '{"name":"spare","password":"a password"}' refresh_token)
ask 404 POST /login/refresh-token/ "{\"refresh_token\":\"$renewal\",\"db_name\":\"nowhere\"}"
ask 200 POST /databases/ '{"name":"second","item_id_type":"uuid","user_id_type":"uint32"}' "$root"
ask 403 POST /login/refresh-token/ "{\"refresh_token\":\"$refresh\",\"db_name\":\"second\"}"
valid['POST /login/refresh-token/']="{\"refresh_token\":\"$refresh\"}"

# Ratings.
ask 200 PUT "/users/~me/ratings/$item/" '{"rating":8.5}' "$web_token"
ask 200 GET /users/~me/ratings/ '' "$web_token"
ask 404 DELETE "/users/42/ratings/$other/" '' "$web_token"
ask 200 PUT /users/42/ratings/ "{\"ratings\":[{\"item_id\":\"$other\",\"rating\":3}]}" "$web_token"
ask 400 PUT /users/42/ratings/ '{"ratings":[{"item_id":1,"rating":11}]}' "$web_token"
twice="{\"user_id\":7,\"item_id\":\"$other\",\"rating\":9}"
ask 400 PUT /users/42/ratings/ "{\"ratings\":[$twice,$twice]}" "$web_token"
ask 400 PUT /ratings-bulk/ "{\"ratings\":[$twice,$twice]}" "$db"
ask 400 PUT "/users/42/ratings/$item/" '{"rating":11}' "$web_token"
ask 200 DELETE /users/42/ratings/ '' "$web_token"
ask 200 PUT /ratings-bulk/ "{\"ratings\":[$twice]}" "$db"
ask 200 GET /ratings-bulk/ '' "$db"
ask 200 PUT "/users/42/ratings/$item/" '{"rating":8.5}' "$web_token"
# What there is to recommend shows as it is learned.
recommended() { request GET "/recommendation/users/$1" '' "$web_token" && holds "$2"; }
check 'the popular one' wait_for 20 recommended '~me/items/' ".items_id == [\"$other\"]"
check 'one of two' wait_for 20 recommended '42/items/?amt=1&exclude_rated_items=False' .next_cursor
ask 200 GET "/recommendation/users/42/items/?cursor=$(field .next_cursor)&amt=1&exclude_rated_items=0" '' "$db"
ask 200 GET '/ratings-bulk/?amt=1' '' "$db"
ask 200 GET "/ratings-bulk/?cursor=$(field .next_cursor)" '' "$db"
ask 200 DELETE "/users/42/ratings/$item/" '' "$web_token"
ask 404 DELETE "/users/42/ratings/$item/" '' "$web_token"

# The limits of each type of field, on both sides; in bytes where characters would be fewer.
times() { printf "$1%.0s" $(seq "$2"); }
service() { ask "$1" POST /accounts/service/ "{\"name\":\"$2\",\"password\":\"${3-a password}\"}" "$root"; }
service 200 "$(times é 64)"
service 400 "$(times é 64)x"
service 200 long "$(times é 256)"
service 400 longer "$(times é 256)x"
person() { ask "$1" POST /accounts/individual/ "{\"email\":\"$2\",\"first_name\":\"${3-}\"}" "$root"; }
person 200 "$(times é 126)@x" "$(times é 127)"
person 400 "$(times é 126)@xx"
person 400 eve@example.com "$(times é 128)"
person 400 'eve @example.com'
person 400 eve@@example.com
ask 200 PATCH /databases/current/preview/ "{\"description\":\"$(times é 2048)\"}" "$db"
ask 400 PATCH /databases/current/preview/ "{\"description\":\"$(times é 2048)x\"}" "$db"
for time in 253402300799.5 '"253402300799.5"' '"1."'; do
	ask 200 PUT "/users/42/ratings/$item/" "{\"rating\":1,\"timestamp\":$time}" "$db"
done
for time in 253402300800 -1 '"1.2.3"' '"."' '""' '"1e3"'; do
	ask 400 PUT "/users/42/ratings/$item/" "{\"rating\":1,\"timestamp\":$time}" "$db"
done
ask 200 DELETE /users/42/ratings/ '' "$db"
for rating in 1 10; do ask 200 PUT "/users/7/ratings/$other/" "{\"rating\":$rating}" "$db"; done
for rating in 0.999 10.001 '"5"'; do ask 400 PUT "/users/7/ratings/$other/" "{\"rating\":$rating}" "$db"; done
for query in page=1000000000 page=01 amt=64 amt=1; do ask 200 GET "/users/7/ratings/?$query" '' "$db"; done
for query in page=1000000001 page=0 amt=65 amt=1.0 amt=; do ask 400 GET "/users/7/ratings/?$query" '' "$db"; done
ask 200 GET /ratings-bulk/?amt=16384 '' "$db"
ask 400 GET /ratings-bulk/?amt=16385 '' "$db"
for role in root Backend ''; do
	ask 400 PATCH /accounts/service/ "{\"name\":\"spare\",\"role\":\"$role\"}" "$root"
done
for type in int7 int0 uint128 uuid1 hex0 hex65 urlsafe01 bytes '' Uuid; do
	ask 400 POST /databases/ "{\"name\":\"x\",\"item_id_type\":\"$type\",\"user_id_type\":\"uuid\"}" "$root"
done
redirect() {
	ask "$1" POST /accounts/individual/send-reset-password-email/ \
		"{\"email\":\"nobody@example.com\",\"email_redirect_url\":\"$2\"}"
}
redirect 200 https://shop.example/welcome
redirect 200 'https://shop.example/welcome?a=[b]&c=%20~!$'
for to in ftp://shop.example/ https:// https:///x https://@x 'https://shop.example/ a' https://é.example/ \
	'https://shop.example/#x' 'https://shop.example/{a}' shop.example; do
	redirect 400 "$to"
done

each refuse_bodies
each refuse_callers

# What ends things.
ask 200 DELETE /accounts/ '' "$spare"
ask 200 POST /accounts/service/ '{"name":"spare","password":"a password","role":"backend"}' "$root"
ended=$(login_as /login/service/ '{"name":"spare","password":"a password"}' refresh_token)
ask 200 DELETE /accounts/service/ '{"name":"spare"}' "$root"
ask 404 POST /login/refresh-token/ "{\"refresh_token\":\"$ended\"}"
ask 200 POST /login/logout/ '' "$manager"
ask 200 POST /accounts/individual/send-reset-password-email/ '{"email":"ann@example.com"}'
ask 401 POST /accounts/individual/reset/ "${valid[POST /accounts/individual/reset/]}"
code=$(in_link "$(mail_link ann@example.com 2)" code)
ask 200 POST /accounts/individual/reset/ \
	"{\"email\":\"ann@example.com\",\"new_password\":\"other words of Ann\",\"code\":\"$code\"}"

# A store that cannot be opened: responders that start anew find a file in its place.
mapfile -t responders < <(pgrep -f "^$DOORWARD_PROGRAM")
mv "$state/store" "$state/store.away"
printf x >"$state/store"
kill "${responders[@]}"
ended() { ! kill -0 "${responders[@]}"; }
check 'those that had it are gone' wait_for 10 ended
unavailable() { request GET /health/; [ "$status" = 503 ]; }
check 'the store is out of reach' wait_for 10 unavailable
each refuse_all
mv "$state/keys.json" "$state/keys.away"
unavailable() { request GET /.well-known/jwks.json; [ "$status" = 503 ]; }
check 'the keys are gone' wait_for 10 unavailable
ask 503 GET /.well-known/jwks.json
stop_server

# Throttled, and too late.
throttle=on new_state limits '[token]' 'jwt_lifetime = 1' 'session_lifetime = 2' 'algorithm = ES256'
start_server lighttpd "$work/own/doorward.fcgi"
ask 200 GET /.well-known/jwks.json
expired=$(root_token)
refresh=$(login_as /login/individual/ "${valid[POST /login/root/]}" refresh_token)
for kind in individual root service; do
	login='{"email":"nobody@example.com","password":"wrong"}'
	[ $kind != service ] || login=${login/email/name}
	limited() { request POST "/login/$kind/" "$login"; [ "$status" = 429 ]; }
	check "/login/$kind/ is slowed down" wait_for 10 limited
done
for ask in 'POST /accounts/individual/send-reset-password-email/' 'PUT /accounts/resend-verification-code/'; do
	limited() { request $ask '{"email":"nobody@example.com"}'; [ "$status" = 429 ]; }
	check "$ask is slowed down" wait_for 10 limited
done
too_late() { request POST /login/refresh-token/ "{\"refresh_token\":\"$refresh\"}"; holds '.error_code == 28'; }
check 'the refresh token expires' wait_for 10 too_late
too_late() { request POST /login/jwt/ '' "$expired"; holds '.error_code == 22'; }
check 'the token expires' wait_for 10 too_late
each refuse_expired
stop_server
