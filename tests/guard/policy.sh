# What the policy says, in the contract's words on each server; and the notes.

is_page PAGE GET /open/page.txt
is_page PAGE GET /open/page.txt '' 'no.token.at.all'
is_page PAGE GET '/open/page.txt?and=a/query%2f..%2f'
is_page PAGE GET /open/%C3%9Cberblick.txt
check 'nothing is said of how long a guarded page may be kept' [ -z "$(header Cache-Control)" ]

row INCORRECT_JWT_TOKEN GET /files/42/mine.txt
check 'no token was sent' equal "$(header WWW-Authenticate)" Bearer
row INCORRECT_JWT_TOKEN GET /files/42/mine.txt '' x.y.z
check 'a token was sent' equal "$(header WWW-Authenticate)" 'Bearer error="invalid_token"'
is_page PAGE GET /files/42/mine.txt '' "$ann"
is_page PAGE GET /files/42/mine.txt '' "$manager"
is_page SECRET GET /files/7/secret.txt '' "$bob"
is_page SECRET GET /files/7/secret.txt '' "$manager"
row OTHER_USER GET /files/7/secret.txt '' "$ann"
row OTHER_USER GET /files/042/mine.txt '' "$ann"
row OTHER_USER GET /files/~me/mine.txt '' "$ann"
row PATH_NOT_ALLOWED GET /files/ '' "$ann"
row ROLE_NOT_ALLOWED GET /files/42/mine.txt '' "$backend"
row OTHER_DATABASE GET /files/42/mine.txt '' "$ann_of_other"
row OTHER_DATABASE GET /files/42/mine.txt '' "$manager_of_other"
row DATABASE_NOT_SELECTED GET /files/42/mine.txt '' "$manager_without"
row DATABASE_NOT_SELECTED GET /any/page.txt '' "$manager_without"
is_page PAGE GET /any/page.txt '' "$manager_of_other"
is_page PAGE GET /ours/page.txt '' "$root"
is_page PAGE GET /ours/page.txt '' "$manager_without"
row OTHER_ORGANIZATION GET /ours/page.txt '' "$root_of_others"
row ROLE_NOT_ALLOWED GET /staff/secret.txt '' "$ann"
row PATH_NOT_ALLOWED GET /secret.txt '' "$manager"
row PATH_NOT_ALLOWED GET /nothing
row PATH_NOT_ALLOWED PUT /env.php x "$manager"
row PATH_NOT_ALLOWED POST / x
request GET /open/nothing
check "what is allowed and missing is the server's 404" equal "$status" 404

request HEAD /files/42/mine.txt '' "$ann"
check 'HEAD is allowed' equal "$status" 200
request HEAD /files/7/secret.txt '' "$ann"
check 'HEAD is refused' equal "$status" 403
request HEAD /files/42/mine.txt
check 'HEAD without a token' equal "$status $(header WWW-Authenticate)" '401 Bearer'

# A body goes to the application, whole, and only if it may.
serves '.body == "a=1" and .variables.REQUEST_METHOD == "POST"' POST /env.php a=1 "$ann"
head -c 300000 /dev/zero | tr '\0' x >"$work/large"
serves '.body | length == 300000' POST /env.php @"$work/large" "$ann"
serves '.body | length == 300000' POST /shop/x @"$work/large" "$ann"
row INCORRECT_JWT_TOKEN POST /env.php @"$work/large"
row ROLE_NOT_ALLOWED POST /env.php @"$work/large" "$backend"
serves '.body == "chunks"' POST /env.php chunks "$ann" -H 'Transfer-Encoding: chunked'

# Below a condition of its own a FastCGI application is guarded like the rest, and gets what is sent.
for script in /app/env.php /app/nothing.php; do
	row INCORRECT_JWT_TOKEN GET $script
	row INCORRECT_JWT_TOKEN GET $script '' x.y.z
	row ROLE_NOT_ALLOWED GET $script '' "$backend"
	row ROLE_NOT_ALLOWED POST $script a=1 "$ann"
done
serves '.variables.REQUEST_METHOD == "GET"' GET /app/env.php '' "$ann"
serves '.body == "a=1" and .variables.REQUEST_METHOD == "POST"' POST /app/env.php a=1 "$manager"
serves '.body | length == 300000' POST /app/env.php @"$work/large" "$manager"

# Methods differ by case (RFC 9110, section 9.1), but not to every application: what is not written as the
# rules do is no other method, to slip past them. Only Apache lets it through to the guard.
row ROLE_NOT_ALLOWED POST /shop/staff/x a=1 "$ann"
serves '.body == "a=1"' POST /shop/staff/x a=1 "$manager"
for method in post Post; do
	for path in /app/env.php /shop/staff/x /open/page.txt; do
		case $kind in
		apache) row WRONG_DATA_TYPE $method $path a=1 "$ann" ;;
		*)
			request $method $path a=1 "$ann"
			check "$method $path: $status" [ "$status" -ge 400 ]
			;;
		esac
	done
done

# The notes, which know nothing of accounts.
is_page "$(<"$top/examples/notes/public/index.html")" GET /
serves '. == {}' GET /notes/42/ '' "$ann"
serves '. == 1' POST /notes/42/ 'buy milk' "$ann"
serves '. == 2' POST /notes/42/ 'Überblick' "$ann"
serves '. == {"1": "buy milk", "2": "Überblick"}' GET /notes/42/ '' "$ann"
serves '. == {}' GET /notes/7/ '' "$bob"
row OTHER_USER GET /notes/42/ '' "$bob"
row OTHER_USER POST /notes/42/ 'forged' "$bob"
row OTHER_USER DELETE /notes/42/1 '' "$bob"
row INCORRECT_JWT_TOKEN GET /notes/42/
row OTHER_DATABASE GET /notes/42/ '' "$ann_of_other"
row ROLE_NOT_ALLOWED GET /notes/42/ '' "$backend"
serves '. == 1' DELETE /notes/42/1 '' "$ann"
serves '. == {"2": "Überblick"}' GET /notes/42/ '' "$manager"
row PATH_NOT_ALLOWED GET /notes.php '' "$manager"

# The API is beside it, and is not guarded by the policy. A client that asks the guard by itself is told
# nothing.
row '.account.role == "frontend"' POST /auth/login/jwt/ '' "$ann"
request GET /auth/authorize/ '' "$ann"
check "a client asks the guard: $status" [ "$status" = 400 -o "$status" = 403 ]
request GET /doorward-authorize '' "$ann"
check "nor is the server's way to it open: $status" [ "$status" = 404 -o "$status" = 403 ]
