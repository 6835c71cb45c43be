# The pages behind the links in mails: files below /pages/, with their headers, and nothing else there.

new_state pages
start_server "$kind"
root=$(root_token)

policy="default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; "
policy+="form-action 'none'"

# The links' query changes nothing.
query='?code=secret&email=anna%40example.com&code_expiration_timestamp=1.5&new=1'
while read -r path type; do
	for method in GET HEAD; do
		request "$method" "/pages/$path"
		check "$method $path" equal "$status" 200
		check "$method $path type" equal "$(header Content-Type)" "$type; charset=utf-8"
		check "$method $path policy" equal "$(header Content-Security-Policy)" \
			"$policy; frame-ancestors 'none'"
		check "$method $path referrer" equal "$(header Referrer-Policy)" no-referrer
		check "$method $path sniffing" equal "$(header X-Content-Type-Options)" nosniff
		check "$method $path caches" equal "$(header Cache-Control)" no-store
		check "$method $path length" equal "$(header Content-Length)" \
			"$(wc -c <"$top/pages/${path%%\?*}")"
	done
	request GET "/pages/$path"
	check "$path is the file" cmp -s "$work/body" "$top/pages/${path%%\?*}"
done <<EOF
verify.html text/html
password.html text/html
verify.html$query text/html
password.html$query text/html
verify.js text/javascript
password.js text/javascript
page.js text/javascript
style.css text/css
EOF

# On a host where only the page itself can say so, it does.
for page in verify password; do
	check "$page: policy" grep -qF "content=\"$policy\"" "$top/pages/$page.html"
	check "$page: referrer" grep -q 'name="referrer" content="no-referrer"' "$top/pages/$page.html"
done

# Nothing else is there, neither a list of the files nor what is around them.
for path in /pages /pages/ /pages/nothing /pages/verify.html/ /pages/verify.html/x /pages/verify /pages/.. \
	/pages/../doorward /pages/%2e%2e/doorward /pages/..%2fdoorward /pages/../errors/500.html \
	/pages/..%2ferrors%2f500.html /pages/%2e%2e/%2e%2e/%2e%2e/etc/passwd /pages/../../../etc/passwd \
	/pages//etc/passwd /Pages/verify.html /v1/pages/verify.html /pages/./doorward.fcgi; do
	row ENDPOINT_NOT_FOUND GET "$path"
done
request HEAD /pages/nothing
check 'HEAD of nothing' equal "$status $(header Content-Type)" '404 application/json'
for method in PUT PATCH DELETE; do
	row ENDPOINT_NOT_FOUND "$method" /pages/verify.html '{}'
done
for path in /pages/%00 /pages/verify.html%00 /pages/%zz; do
	row WRONG_DATA_TYPE GET "$path"
done

# The API cannot be reached around its own paths.
for path in /pages/../login/jwt/ /pages/%2e%2e/login/jwt/ /pages/..%2flogin/jwt/ /pages/login/jwt/; do
	row ENDPOINT_NOT_FOUND POST "$path" '{}' "$root"
done

# And goes on as before.
row .account POST /login/jwt/ '{}' "$root"
