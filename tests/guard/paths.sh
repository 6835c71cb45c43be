# No way of writing a path slips past a pattern. Whatever a server makes of it: without a token that may see
# them, nobody sees the secret files.

# From what is open, from what is one's own, and from nowhere, to /files/7/secret.txt and /staff/secret.txt.
dots=(.. %2e%2e %2E. .%2e %252e%252e ..%00 ..%20 '..;' '..;x=1' .. ... %c0%ae%c0%ae %uff0e%uff0e)
slashes=(/ // %2f %2F %5c '\' %252f /./ /%2e/ %c0%af %00/ ';/' '%3b/' '%23/' '%3f/')
attacks=()
for dot in "${dots[@]}"; do
	for slash in "${slashes[@]}"; do
		attacks+=("/open$slash$dot${slash}files${slash}7${slash}secret.txt"
			"/files/42$slash$dot${slash}7${slash}secret.txt"
			"/open/$dot/files/7$slash$dot/7/secret.txt"
			"/open/$dot/staff${slash}secret.txt")
	done
done
attacks+=(/files%2f7%2fsecret.txt /files//7/secret.txt //files/7/secret.txt /files/7//secret.txt
	/files/%37/secret.txt /%66iles/7/secret.txt /files/7/secret.txt/ /files/7/./secret.txt
	/files/7/secret.txt%00 /files/7/secret.txt%00.png /files/7/secret.txt%20 /files/7/secret.txt.
	'/files/7/secret.txt;/open/page.txt' '/files/7/secret.txt?/open/page.txt' '/files/7/secret.txt#/open/'
	/files/42/%2e%2e/7/secret.txt /FILES/7/secret.txt /files/7/SECRET.TXT /files/42%20/../7/secret.txt
	'/files/42/secret of 7/x.txt' '/open/%' /open/%2 /open/%zz%2e /%ff/../files/7/secret.txt
	/open/page.txt/../../files/7/secret.txt /open.php/../files/7/secret.txt /open/%0a/../files/7/secret.txt
	/auth/../files/7/secret.txt /auth/%2e%2e/files/7/secret.txt /auth/..%2ffiles/7/secret.txt
	//auth/../files/7/secret.txt /auth//../files/7/secret.txt '/auth/..;/files/7/secret.txt'
	/auth/..%5cfiles/7/secret.txt /auth/authorize/../../files/7/secret.txt /auth%2f..%2ffiles/7/secret.txt
	/doorward-authorize/../files/7/secret.txt "http://127.0.0.1:$port/files/7/secret.txt"
	"http://127.0.0.1:$port/open/../files/7/secret.txt" http://other/files/7/secret.txt
	'*' files/7/secret.txt ./files/7/secret.txt '/open/page.txt /../../files/7/secret.txt')

# All on raw connections, as no client would send them.
tried=$("$top/tests/guard/attack.py" "$port" "$ann" < <(printf '%s\n' "${attacks[@]}"))
check "attacks: $tried" equal "$(tail -n 1 <<<"$tried")" "${#attacks[@]} tried, 0 seen"
is_page SECRET GET /files/7/secret.txt '' "$bob"

# And the refusal is the contract's, where it is not the server's own.
for path in /open/../files/7/secret.txt /open//page.txt '/open/page.txt;x' /open/%5c /open/a%2fb \
	/open/%2e%2e/x /open/./page.txt '/open/a%3fb' /open/%25; do
	row WRONG_DATA_TYPE GET "$path" '' "$manager"
done
is_page PAGE GET /open/p%61ge.txt
long=$(printf '/x%.0s' $(seq 70))
row WRONG_DATA_TYPE GET "/open$long"
row WRONG_DATA_TYPE GET "/open/$(head -c 5000 /dev/zero | tr '\0' x)"
