# Pages of other sites: which may read answers, what a preflight is told, and that nothing changes where
# no origin is configured.

shop=https://shop.example.com app=http://localhost:3000
rejected=(https://evil.example.com http://shop.example.com https://shop.example.com:8443 https://SHOP.example.com
	https://shop.example.com/ https://shop.example.com.evil.example null '*' "$shop, $app" "$shop $app")

# The values of all headers of CORS in the last answer, by name: "Name: value" lines.
cors_headers() { tr -d '\r' <"$work/headers" | grep -iE '^(access-control-|vary:)' | LC_ALL=C sort; }
exposed="Access-Control-Expose-Headers: Retry-After, WWW-Authenticate"

# Whether the last answer is for pages of an origin to read, or for none: readable_for ORIGIN|''
readable_for() {
	if [ -z "$1" ]; then
		equal "$(cors_headers)" 'Vary: Origin'
	else
		equal "$(cors_headers)" "Access-Control-Allow-Origin: $1"$'\n'"$exposed"$'\nVary: Origin'
	fi
}

# preflight ORIGIN PATH [METHOD]
preflight() {
	request OPTIONS "$2" '' '' -H "Origin: $1" -H "Access-Control-Request-Method: ${3-POST}" \
		-H 'Access-Control-Request-Headers: authorization,content-type'
}

# Whether the last answer is a preflight's, for an origin and with these methods.
allows() {
	is_empty && equal "$(header Cache-Control)" no-store &&
		equal "$(cors_headers)" "Access-Control-Allow-Headers: Authorization, Content-Type
Access-Control-Allow-Methods: $2
Access-Control-Allow-Origin: $1
Access-Control-Max-Age: 7200
Vary: Origin"
}

# Without the setting nothing is said, whatever is asked.
new_state plain
start_server "$kind"
row '.status == "ok"' GET /health '' '' -H "Origin: $shop"
check 'nothing is said' equal "$(cors_headers)" ''
preflight "$shop" /health GET
check 'no preflight' is_error METHOD_NOT_ALLOWED
check 'nothing is said' equal "$(cors_headers)" ''
stop_server

throttle=on new_state cors '[server]' "cors_origins = $shop, $app"
start_server "$kind"
root=$(root_token)
row .id POST /databases/ '{"name":"shop","item_id_type":"uuid","user_id_type":"uint32"}' "$root"
row .id POST /accounts/service/ '{"name":"web","password":"web-password","role":"frontend"}' "$root"
login='{"name":"web","password":"web-password","db_name":"shop","frontend_user_id":42}'
request POST /login/service/ "$login"
token=$(field .token) refresh=$(field .refresh_token)

# Each path allows its own methods, by all of its names; "<name>" parts may be anything.
while IFS=$'\t' read -r path methods; do
	preflight "$shop" "/${path#/}"
	check "preflight of $path" allows "$shop" "$methods"
done < <("$build/doorward.fcgi" --endpoints | awk -F'\t' '
	{ if ($1 == "GET") $1 = "GET, HEAD"; all[$2] = all[$2] (all[$2] ? ", " : "") $1 }
	END { for (path in all) print path "\t" all[path] }' | sed 's/<[a-z]*>/x/g')
preflight "$app" /v1/login/refresh-token
check 'the other origin, the other mount' allows "$app" POST
preflight "$shop" /organizations/accounts/ GET
check 'an alias' allows "$shop" 'GET, HEAD'
preflight "$shop" /login/root/ DELETE
check 'a method that is not there: the browser sees that' allows "$shop" POST
preflight "$shop" '/users/~me/ratings/?amt=1' GET
check 'with a query' allows "$shop" 'GET, HEAD, PUT, DELETE'

# A preflight has neither a token nor a body, and looks at none.
request OPTIONS /login/jwt/ '{"a":' "$token" -H "Origin: $shop" -H 'Access-Control-Request-Method: POST'
check 'token and body' allows "$shop" POST

# What is not there is not, and what is broken is broken; pages may read that, too.
preflight "$shop" /nothing
check 'no such path' is_error ENDPOINT_NOT_FOUND
preflight "$shop" /login%00
# which Apache refuses in its own words, before it looks at a .htaccess
[ "$kind" = apache-cgi ] || check 'a broken path' is_error WRONG_DATA_TYPE

# Others are told nothing.
for origin in "${rejected[@]}"; do
	preflight "$origin" /login/refresh-token/
	check "preflight from '$origin'" readable_for ''
	check 'it is no error' is_empty
	row '.status == "ok"' GET /health '' '' -H "Origin: $origin"
	check "answer to '$origin'" readable_for ''
	row INCORRECT_JWT_TOKEN POST /login/jwt/ '{}' '' -H "Origin: $origin"
	check "error to '$origin'" readable_for ''
done
row '.status == "ok"' GET /health
check 'without an origin' readable_for ''

# OPTIONS that is no preflight is a method like any other that is not there.
request OPTIONS /health
check 'no origin, no method' is_error METHOD_NOT_ALLOWED
request OPTIONS /health '' '' -H 'Access-Control-Request-Method: GET'
check 'no origin' is_error METHOD_NOT_ALLOWED
request OPTIONS /health '' '' -H "Origin: $shop"
check 'no method' is_error METHOD_NOT_ALLOWED
check 'but readable' readable_for "$shop"

# The method that is asked for with other methods makes no preflight of them.
row '.status == "ok"' GET /health '' '' -H "Origin: $shop" -H 'Access-Control-Request-Method: GET'
check 'GET is GET' readable_for "$shop"

# cross EXPECTED METHOD PATH [BODY [TOKEN [CURL OPTION…]]]: a row whose answer the shop's page may read
cross() {
	local expected=$1 method=$2 path=$3 data=${4-} bearer=${5-}
	shift $(($# < 5 ? $# : 5))
	row "$expected" "$method" "$path" "$data" "$bearer" -H "Origin: $shop" "$@"
	check "$method $path is readable" readable_for "$shop"
}
item=123e4567-e89b-12d3-a456-426614174000

# What a page does: renew, look, write, be refused, leave. Errors are readable like anything else.
cross .token POST /login/refresh-token/ "{\"refresh_token\":\"$refresh\"}"
cross '.account.role == "frontend"' POST /login/jwt/ '' "$token"
cross empty PUT "/users/~me/ratings/$item/" '{"rating":8}' "$token"
cross '.user_ratings | length == 1' GET '/users/~me/ratings/' '' "$token"
request HEAD '/users/~me/ratings/' '' "$token" -H "Origin: $shop"
check 'HEAD is readable' readable_for "$shop"
cross OTHER_USER GET /users/7/ratings/ '' "$token"
cross ROLE_NOT_ALLOWED GET /databases/ '' "$token"
cross fields:rating PUT "/users/~me/ratings/$item/" '{"rating":11}' "$token"
cross WRONG_DATA_TYPE POST /login/refresh-token/ '{"refresh_token":'
# refused by these before it is known whose it is
case $kind in
nginx | apache-cgi) ;;
*) cross WRONG_DATA_TYPE GET /login%00 ;;
esac
cross ENDPOINT_NOT_FOUND GET /nothing
cross METHOD_NOT_ALLOWED GET /login/root/
cross INCORRECT_REFRESH_TOKEN POST /login/refresh-token/ '{"refresh_token":"x"}'
cross INCORRECT_JWT_TOKEN GET '/users/~me/ratings/' '' x
head -c 70000 /dev/zero | tr '\0' x >"$work/large"
cross TOO_LARGE POST /login/refresh-token/ "@$work/large"
cross empty POST /login/logout/ '' "$token"
cross INCORRECT_JWT_TOKEN POST /login/jwt/ '' "$token"

# What the web server does not even hand to us. A page can read it where the error page is ours.
head -c 9000000 /dev/zero >"$work/larger"
request POST /login/refresh-token/ "@$work/larger" '' -H "Origin: $shop"
check 'too large for the web server' equal "${status:0:1}" 4
case $kind in
lighttpd* | apache-cgi) check 'and readable' readable_for "$shop" ;;
esac

# Waiting.
for _ in {1..6}; do
	request POST /login/service/ '{"name":"web","password":"wrong-password"}' '' -H "Origin: $shop"
done
check 'throttled' is_error RATE_LIMIT_OVERFLOW
check 'Retry-After is readable' readable_for "$shop"

# With an outage. What asks nothing of the store is answered all the same.
mv "$state/store" "$state/store.away"
printf x >"$state/store"
from=HTTP_ORIGIN=$app
said=$(cgi "$DOORWARD_PROGRAM" GET /health '' "$from" 2>/dev/null)
check 'the store is away' says "$said" '^Status: 503'
check 'which is readable' says "$said" "^Access-Control-Allow-Origin: $app.$"
said=$(cgi "$DOORWARD_PROGRAM" OPTIONS /login/refresh-token/ '' "$from" HTTP_ACCESS_CONTROL_REQUEST_METHOD=POST 2>/dev/null)
check 'a preflight asks nothing of the store' says "$said" '^Status: 200'
check 'and allows' says "$said" '^Access-Control-Allow-Methods: POST.$'
rm "$state/store"
mv "$state/store.away" "$state/store"

# What the client of a killed responder is told by the next one.
said=$(cgi "$DOORWARD_PROGRAM" GET /unavailable '' "$from" REDIRECT_STATUS=500)
check 'a killed responder' says "$said" '^Status: 503'
check 'which is readable' says "$said" "^Access-Control-Allow-Origin: $app.$"

# Nonsense refuses to start.
sed -i 's/^cors_origins.*/cors_origins = */' "$state/doorward.conf"
said=$(doorward status 2>&1)
check 'no wildcard' grep -qF "doorward.conf:$(grep -n cors_origins "$state/doorward.conf" | cut -d: -f1): server.cors_origins: expected origins" <<<"$said"
