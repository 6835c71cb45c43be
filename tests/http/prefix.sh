# Everything below a path of the host: the API, the pages, the links in mails, errors; and the rest of the
# host is somebody else's.

new_state prefix
mount=/some/auth start_server "$kind"
root=$(root_token)
host=${url%/some/auth}

for path in '' / /v1 /v1/; do row '. == "Welcome to the Doorward API"' GET "$path"; done
for path in /health /v1/health/; do row '.status == "ok"' GET "$path"; done
row .account POST /login/jwt/ '{}' "$root"
row .account POST /v1/login/%6awt '' "$root"
row INCORRECT_JWT_TOKEN GET /databases/
row '.databases == []' GET '/databases/?page=1&amt=2' '' "$root"
row METHOD_NOT_ALLOWED DELETE /health
row ENDPOINT_NOT_FOUND GET /nothing
check 'the key is the whole path' equal "$(field .error_data.key)" /some/auth/nothing
for path in /some/auth/health /auth/health //health /./health /x/../health /x%2f..%2fhealth; do
	row ENDPOINT_NOT_FOUND GET "$path"
done
head -c 9000000 /dev/zero | tr '\0' x >"$work/absurd"
row TOO_LARGE POST /login/root/ "@$work/absurd"

# The pages, and the API as they see it.
for page in verify.html password.html page.js style.css; do
	request GET "/pages/$page"
	check "$page" cmp -s "$work/body" "$top/pages/$page"
	check "$page: referrer" equal "$(header Referrer-Policy)" no-referrer
done
check 'the API beside them' grep -q 'name="doorward-api" content="../"' "$top/pages/verify.html"
row ENDPOINT_NOT_FOUND GET /pages/nothing
row ENDPOINT_NOT_FOUND GET /pages/

# Links in mails lead to them, and their codes are good.
row .id POST /accounts/individual/ '{"email":"ann@example.com","password":"ann-password"}' "$root"
link=$(mail_link ann@example.com 1)
check 'the link' test "${link%%\?*}" = "$url/pages/verify.html"
row .verified POST /accounts/verify/ "{\"email\":\"ann@example.com\",\"code\":\"$(in_link "$link" code)\"}"

# Beside the prefix is what was there before, in the web server's own words.
printf 'a site of its own' >"$sockets/site/other.txt"
chmod a+r "$sockets/site/other.txt"
outside() { curl -s --path-as-is -o "$work/body" -w '%{http_code}' "$host$1"; }
for path in /health /login/root/ /some/health /some/authority /pages/verify.html /unavailable; do
	status=$(outside "$path")
	check "outside: $path" test "$status" -ge 403
	check "outside, not ours: $path" test "$(grep -c error_code "$work/body")" = 0
done
check 'another site' equal "$(outside /other.txt) $(cat "$work/body")" '200 a site of its own'
stop_server

# Where something in front takes the prefix away, links still have it.
printf '[server]\nmount = /\nurl = https://example.com/auth/\n' >>"$state/doorward.conf"
start_server "$kind"
row '.status == "ok"' GET /health
row ENDPOINT_NOT_FOUND GET /auth/health
row empty POST /accounts/individual/send-reset-password-email/ '{"email":"ann@example.com"}'
link=$(mail_link ann@example.com 2)
check 'the public link' test "${link%%\?*}" = https://example.com/auth/pages/password.html
