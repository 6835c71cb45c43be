# Contract sections 1, 2 and 9: what holds for every request.

new_state conventions
start_server "$kind"
root=$(root_token)

# Meta.
row '. == "Welcome to the Doorward API"' GET /
row '. == "Welcome to the Doorward API"' GET /v1
row '. == "Welcome to the Doorward API"' GET /v1/
row '. == {status: "ok"}' GET /health
row '. == {status: "ok"}' GET /v1/health/

# Paths: both mounts, the last slash optional, nothing else.
for path in /login/jwt/ /login/jwt /v1/login/jwt/ /v1/login/jwt /login/%6awt/; do
	row '.account.role == "root"' POST "$path" '{}' "$root"
done
for path in /nothing /login /login/ /login//jwt/ //login/jwt/ /login/jwt// /login/jwt/x /v2/health \
	/v1/v1/health /LOGIN/jwt/ /login%2Fjwt/ /login/./jwt/ /login/x/../jwt/ /health.txt; do
	row ENDPOINT_NOT_FOUND POST "$path" '{}' "$root"
done
row ENDPOINT_NOT_FOUND GET /nothing
check 'the key is the path' equal "$(field .error_data.key)" /nothing
check 'the message' equal "$(field .message)" 'The endpoint /nothing does not exist'
for path in /login%00 /login/jwt/%00 /%zz /login/%4 /%; do
	row WRONG_DATA_TYPE GET "$path"
done

# Methods.
row METHOD_NOT_ALLOWED GET /login/root/
check 'Allow' equal "$(header Allow)" POST
check 'the message' equal "$(field .message)" 'Method "GET" not allowed'
check 'the data' equal "$(jq -c .error_data "$work/body")" '{"method":"GET"}'
row METHOD_NOT_ALLOWED DELETE /databases/ '{}' "$root"
check 'Allow' equal "$(header Allow)" 'GET, HEAD, POST'
for method in PUT OPTIONS POST; do
	row METHOD_NOT_ALLOWED "$method" /health
done

# Answers are whole.
row '.status == "ok"' GET /health '' '' -H 'Range: bytes=0-3'

# HEAD is GET without a body.
request HEAD /health
check 'HEAD status' equal "$status" 200
check 'HEAD type' equal "$(header Content-Type)" application/json
request HEAD /nothing
check 'HEAD of nothing' equal "$status" 404
request HEAD /login/root/
check 'HEAD where there is no GET' equal "$status" 405

# GET ignores its body; POST may come without one, with or without a type and a length.
row '.status == "ok"' GET /health '{"a":'
row '.databases == []' GET /databases/ 'no JSON' "$root"
row '.account' POST /login/jwt/ '' "$root"
row '.account' POST /login/jwt/ '' "$root" -H 'Content-Length: 0'
row '.account' POST /login/jwt/ '' "$root" -H 'Content-Type: text/plain' -d ''
row '.account' POST /login/jwt/ '' "$root" -H 'Content-Type: application/json' -d ''

# Content types.
login='{"email":"root@example.com","password":"rootpassword"}'
for type in application/json 'application/json; charset=utf-8' 'Application/JSON;charset=UTF-8'; do
	row .token POST /login/root/ '' '' -H "Content-Type: $type" --data-binary "$login"
done
for type in text/plain application/x-www-form-urlencoded application/jsonp 'multipart/form-data' \
	'text/json' ''; do
	row WRONG_DATA_TYPE POST /login/root/ '' '' -H "Content-Type: $type" --data-binary "$login"
done

# Unknown fields are ignored and named, where the answer is an object.
row '.token and (.warnings | length == 1 and (.[0] | contains("remember")))' POST /login/root/ \
	'{"email":"root@example.com","password":"rootpassword","remember":true}'
row '.warnings | not' POST /login/root/ "$login"
row empty PATCH /accounts/individual/ '{"email":"root@example.com","colour":"red"}' "$root"

# null is absent.
row 'fields:password' POST /login/root/ '{"email":"root@example.com","password":null}'
row '.id' POST /accounts/service/ '{"name":"null","password":null,"role":null,"metadata":null}' "$root"

# Authorization. Endpoints for anyone ignore it, others say what is wrong with it.
row INCORRECT_JWT_TOKEN POST /login/jwt/ '{}'
check 'no token, no invalid_token' equal "$(header WWW-Authenticate)" Bearer
check 'missing' holds '.error_data.error | contains("missing")'
for value in 'Bearer ' 'Bearer' 'Basic cm9vdDpyb290' 'Token x'; do
	row INCORRECT_JWT_TOKEN POST /login/jwt/ '{}' '' -H "Authorization: $value"
	check "missing: $value" holds '.error_data.error | contains("missing")'
done
for token in null undefined x a.b a.b.c a.b.c.d .. "$root." ".$root" "${root%.*}" "$root=" "${root%?}!"; do
	row INCORRECT_JWT_TOKEN POST /login/jwt/ '{}' "$token"
	check 'invalid_token' equal "$(header WWW-Authenticate)" 'Bearer error="invalid_token"'
	check "malformed: $token" holds '.error_data.error | contains("malformed")'
done
forged=${root%.*}.$(printf '%043d' 0)
row INCORRECT_JWT_TOKEN POST /login/jwt/ '{}' "$forged"
check 'forged is just incorrect' equal "$(field .error_data.error)" 'the JWT token is incorrect'
none=$(printf '{"alg":"none","typ":"JWT"}' | base64 | tr -d '=\n').${root#*.}
row INCORRECT_JWT_TOKEN POST /login/jwt/ '{}' "$none"
row INCORRECT_JWT_TOKEN POST /login/jwt/ '{}' "${none%.*}."
for scheme in bearer BEARER BeArEr 'Bearer  '; do
	row .account POST /login/jwt/ '{}' '' -H "Authorization: $scheme $root"
done
row INCORRECT_JWT_TOKEN POST "/login/jwt/?access_token=$root" "{\"token\":\"$root\"}"
for value in 'Bearer ' 'Bearer null' "Bearer $forged" Basic; do
	row .token POST /login/root/ "$login" '' -H "Authorization: $value"
	row '.status == "ok"' GET /health '' '' -H "Authorization: $value"
done

# Bad input, on every endpoint that takes a body.
deep=$(printf '{"a":%.0s' {1..40})1$(printf '}%.0s' {1..40})
# too large for most endpoints, and for those that take bulk
for size in 70000 4200000; do
	head -c $size /dev/zero | tr '\0' x >"$work/large.$size"
	{ printf '{"metadata":"'; cat "$work/large.$size"; printf '"}'; } >"$work/large.$size.json"
done
printf '{"email":"a\0b"}' >"$work/nul"
printf '{"email":"\xff\xfe"}' >"$work/utf8"
printf '{"email":"\xc0\xae"}' >"$work/overlong"
printf '{"email":"\xed\xa0\x80"}' >"$work/surrogate"
bodies=('{' '[]' '"x"' '1' 'null' 'true' 'nonsense' "{'a':1}" '{"a":1,}' '{"a":NaN}' '{"a":Infinity}'
	'{"a":1}{"b":2}' '{"a":1e999}' '{"a":18446744073709551616}' '{"a":-9223372036854775809}'
	'{"a":01}' '{"a":1.}' '{"a":"\u0000"}' '{"a\u0000b":1}' '{"a":"\ud800"}' '{"a":1,"a":2}'
	'{"a":"
"}' ' ' "$deep" "@$work/nul" "@$work/utf8" "@$work/overlong" "@$work/surrogate")
mapfile -t endpoints < <("$build/doorward.fcgi" --endpoints | awk -F'\t' '
	$1 != "GET" && $3 ~ /root|anyone/ { gsub("<[^>]*>", "00112233-4455-6677-8899-aabbccddeeff", $2); print $1 " /" $2 }')
request POST /databases/ '{"name":"bodies","item_id_type":"uuid","user_id_type":"uuid"}' "$root"
root=$(login_as /login/individual/ '{"email":"root@example.com","password":"rootpassword","db_name":"bodies"}')
before=$(doorward account list --json | jq length)
for endpoint in "${endpoints[@]}"; do
	for data in "${bodies[@]}"; do
		row WRONG_DATA_TYPE ${endpoint} "$data" "$root"
	done
	case $endpoint in
	'PUT /ratings-bulk/' | 'PUT /users/'*/ratings/) size=4200000 ;;
	*) size=70000 ;;
	esac
	row TOO_LARGE ${endpoint} "@$work/large.$size.json" "$root"
	row TOO_LARGE ${endpoint} "@$work/large.$size" "$root"
	row TOO_LARGE ${endpoint} "@$work/large.$size.json" "$root" -H 'Transfer-Encoding: chunked'
done
check 'nothing was written' equal "$(doorward account list --json | jq length)" "$before"

# As deep as is allowed, and as large.
nested=$(printf '{"a":%.0s' {1..29})1$(printf '}%.0s' {1..29})
row .id POST /accounts/service/ "{\"name\":\"deep\",\"metadata\":$nested}" "$root"
{ printf '{"name":"large","metadata":{"x":"'; head -c 65000 "$work/large.70000"; printf '"}}'; } >"$work/fits"
row .id POST /accounts/service/ "@$work/fits" "$root"

# Every field of the wrong type.
for value in 1 1.5 true '[]' '{}' '[null]'; do
	row 'fields:email password' POST /login/root/ "{\"email\":$value,\"password\":$value}"
	row 'fields:name password' POST /login/service/ "{\"name\":$value,\"password\":$value}"
	row 'fields:db_id db_name email' POST /login/individual/ \
		"{\"email\":$value,\"password\":\"x\",\"db_id\":$value,\"db_name\":$value}"
	row fields:refresh_token POST /login/refresh-token/ "{\"refresh_token\":$value}"
	row 'fields:email first_name last_name password role' POST /accounts/individual/ \
		"{\"email\":$value,\"password\":$value,\"first_name\":$value,\"last_name\":$value,
		\"role\":$value}" "$root"
	row fields:email DELETE /accounts/individual/ "{\"email\":$value}" "$root"
	row fields:name DELETE /accounts/service/ "{\"name\":$value}" "$root"
	row 'fields:description item_id_type name session_id_type user_id_type' POST /databases/ \
		"{\"name\":$value,\"item_id_type\":$value,\"user_id_type\":$value,
		\"session_id_type\":$value,\"description\":$value}" "$root"
done
for value in 1 1.5 true '[]' '"{}"'; do
	row fields:metadata POST /accounts/service/ "{\"name\":\"x\",\"metadata\":$value}" "$root"
	row 'fields:core_config metadata' POST /databases/ "{\"name\":\"x\",\"item_id_type\":\"uuid\",
		\"user_id_type\":\"uuid\",\"metadata\":$value,\"core_config\":$value}" "$root"
done
for value in true '[]' '{}' 1.5; do
	row 'fields:frontend_session_id frontend_user_id' POST /login/service/ "{\"name\":\"x\",
		\"password\":\"x\",\"frontend_user_id\":$value,\"frontend_session_id\":$value}"
done
