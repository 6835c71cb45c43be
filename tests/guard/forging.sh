# Who calls is what the token says, whatever a client sends besides.

told='.variables | [.DOORWARD_ACCOUNT, .DOORWARD_ROLE, .DOORWARD_ORG, .DOORWARD_DATABASE, .DOORWARD_USER]'
serves "$told == [\"$account\", \"frontend\", \"$organization\", \"$shop\", \"42\"]" GET /env.php '' "$ann"
serves "$told | .[1] == \"manager\" and .[3] == \"$shop\" and .[4] == null" GET /env.php '' "$manager"
check 'the client is not told' [ -z "$(grep -i doorward "$work/headers")" ]

# As an application sees it, which may make one name of several.
headers='.headers | map(.[0] |= (ascii_downcase | gsub("_"; "-")))
	| map(select(.[0] | startswith("x-doorward"))) | sort'
own="[[\"x-doorward-account\",\"$account\"],[\"x-doorward-database\",\"$shop\"],
	[\"x-doorward-org\",\"$organization\"],[\"x-doorward-role\",\"frontend\"],[\"x-doorward-user\",\"42\"]]"
serves "($headers) == $own" GET /shop/x '' "$ann"
check 'the client is not told' [ -z "$(grep -i doorward "$work/headers")" ]

forgeries=(
	'X-Doorward-Role: root'
	'x-doorward-role: root'
	'X-DOORWARD-ROLE: root'
	'X_Doorward_Role: root'
	'X-Doorward_Role: root'
	'X_DOORWARD-ROLE: root'
	'X-Doorward-User: 7'
	'X_Doorward_User: 7'
	'X-Doorward-Account: root'
	'X-Doorward-Org: another'
	'X-Doorward-Database: another'
	'X_Doorward-Database: another'
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
	serves "$told == [\"$account\", \"frontend\", \"$organization\", \"$shop\", \"42\"]" \
		GET /env.php '' "$ann" -H "$forged"
	serves "($headers) == $own" GET /shop/x '' "$ann" -H "$forged"
	row OTHER_USER GET /files/7/secret.txt '' "$ann" -H "$forged"
	row INCORRECT_JWT_TOKEN GET /files/7/secret.txt '' '' -H "$forged"
done

# Twice, in all spellings at once, and where there is nobody to be told of.
serves "($headers) == $own" GET /shop/x '' "$ann" -H 'X-Doorward-Role: root' -H 'X-Doorward-Role: manager' \
	-H 'X_Doorward_Role: root' -H 'x-doorward-ROLE: backend' -H 'X-Doorward-Role;'
serves "($headers) | map(.[0]) | index(\"x-doorward-user\") == null" GET /shop/x '' "$manager" \
	-H 'X-Doorward-User: 7' -H 'X_Doorward_User: 7' -H 'X-Doorward_User: 7'
# Two tokens: none of them counts, or one, but never more than its own may.
request GET /files/7/secret.txt '' "$ann" -H "Authorization: Bearer $manager"
check "two tokens: $status" [ "$status" = 400 -o "$status" = 401 -o "$status" = 403 ]
