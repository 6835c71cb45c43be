# Who calls is what the token says, whatever a client sends besides.

# What an application sees: its variables, and the headers, of which it may make one name of several.
told='.variables | [.DOORWARD_ACCOUNT, .DOORWARD_ROLE, .DOORWARD_ORG, .DOORWARD_DATABASE, .DOORWARD_USER]'
headers='.headers | map(.[0] |= (ascii_downcase | gsub("[^a-z0-9]"; "-")))
	| map(select(.[0] | startswith("x-doorward"))) | sort'
variables="[\"$account\", \"frontend\", \"$organization\", \"$shop\", \"42\"]"
own="[[\"x-doorward-account\",\"$account\"],[\"x-doorward-database\",\"$shop\"],
	[\"x-doorward-org\",\"$organization\"],[\"x-doorward-role\",\"frontend\"],[\"x-doorward-user\",\"42\"]]"
for open in '' /open; do
	for script in /env.php /app/env.php; do
		serves "$told == $variables" GET $open$script '' "$ann"
		serves "$told | .[1] == \"manager\" and .[3] == \"$shop\" and .[4] == null" GET $open$script '' "$manager"
		check 'the client is not told' [ -z "$(grep -i doorward "$work/headers")" ]
	done
	serves "($headers) == $own" GET $open/shop/x '' "$ann"
	serves "($headers) | map(.[0]) | index(\"x-doorward-user\") == null" GET $open/shop/x '' "$manager"
	check 'the client is not told' [ -z "$(grep -i doorward "$work/headers")" ]
done
for script in /open/env.php /open/app/env.php; do
	serves "$told == [null, null, null, null, null]" GET $script
done
serves "($headers) == []" GET /open/shop/x

# gets_nowhere CURL_OPTION…: refused by the guard, whatever the application is. guard-lighttpd.lua takes it away
# before the guard could see it.
gets_nowhere() {
	local path
	for path in /env.php /app/env.php /shop/x; do
		if [ "$kind$path" = lighttpd/shop/x ]; then
			serves "($headers) == $own" GET $path '' "$ann" "$@"
			serves "($headers) == []" GET /open$path '' '' "$@"
		else
			row WRONG_DATA_TYPE GET $path '' "$ann" "$@"
			row WRONG_DATA_TYPE GET /open$path '' '' "$@"
		fi
	done
	row WRONG_DATA_TYPE GET /files/7/secret.txt '' "$bob" "$@"
}

# What could be read as one of our headers, whatever stands between its words: a name may have all of these
# (RFC 9110, section 5.6.2).
for mark in - _ . '!' '#' '$' % '&' \' '*' + '^' '`' '|' '~'; do
	gets_nowhere -H "X${mark}Doorward${mark}Role: root"
done
forgeries=(
	'x-doorward-role: root'
	'X-DOORWARD-ROLE: root'
	'X_Doorward-Role: root'
	'X-Doorward.Role: root'
	'X.DOORWARD_ROLE: root'
	'X-Doorward-User: 7'
	'X_Doorward_Account: root'
	'X.Doorward.Org: another'
	'X-Doorward-Database: another'
)
for forged in "${forgeries[@]}"; do
	gets_nowhere -H "$forged"
done
gets_nowhere -H 'X-Doorward-Role: root' -H 'X-Doorward-Role: manager' -H 'X_Doorward_Role: root' \
	-H 'x-doorward-ROLE: backend' -H 'X-Doorward-Role;'
gets_nowhere -H 'X.Doorward.Role: root' -H 'X.Doorward.Other;'
gets_nowhere -H 'X.Doorward.Other;' -H 'X.Doorward.Role: root'

# An empty one, which lighttpd drops; and one that has a proxy drop ours, as only Apache's does.
for forged in 'X-Doorward-Role;' 'Connection: X-Doorward-User' 'Connection: close, x-doorward-role'; do
	case $kind$forged in
	apache* | nginxX*) gets_nowhere -H "$forged" ;;
	*)
		serves "$told == $variables" GET /app/env.php '' "$ann" -H "$forged"
		serves "($headers) == $own" GET /shop/x '' "$ann" -H "$forged"
		;;
	esac
done

# What only looks like ours, or like what a web server tells the guard, changes nothing.
forgeries=(
	'DOORWARD_ROLE: root'
	'Doorward-Role: root'
	'Variable-DOORWARD_ROLE: root'
	'Variable-DOORWARD-ROLE: root'
	'Redirect-Doorward-Role: root'
	'FCGI_ROLE: RESPONDER'
	'Fcgi-Role: RESPONDER'
	'DOORWARD_ORIGINAL_URI: /open/page.txt'
	'Doorward-Original-Uri: /open/page.txt'
	'X-Original-URI: /open/page.txt'
	'X-Original-URL: /open/page.txt'
	'X-Rewrite-URL: /open/page.txt'
	'X-Forwarded-Uri: /open/page.txt'
	'X-Original-Method: GET'
	'X-Forwarded-Method: OPTIONS'
	'Request-Uri: /open/page.txt'
	'Redirect-Status: 200'
)
for forged in "${forgeries[@]}"; do
	for script in /env.php /app/env.php; do
		serves "$told == $variables" GET $script '' "$ann" -H "$forged"
	done
	serves "($headers) == $own" GET /shop/x '' "$ann" -H "$forged"
	row OTHER_USER GET /files/7/secret.txt '' "$ann" -H "$forged"
	row INCORRECT_JWT_TOKEN GET /files/7/secret.txt '' '' -H "$forged"
done

# Two tokens: none of them counts, or one, but never more than its own may.
request GET /files/7/secret.txt '' "$ann" -H "Authorization: Bearer $manager"
check "two tokens: $status" [ "$status" = 400 -o "$status" = 401 -o "$status" = 403 ]
