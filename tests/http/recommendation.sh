# Contract section 8: recommendations. What they are worth is for tests/recommend to say.

new_state recommendation
start_server "$kind"
root=$(root_token)
row .id POST /accounts/service/ '{"name":"b","password":"bpassword","role":"backend"}' "$root"
row .id POST /accounts/service/ '{"name":"f","password":"fpassword","role":"frontend"}' "$root"

# database NAME ITEM-TYPE USER-TYPE: makes one; sets backend, a token for it.
database() {
	row .id POST /databases/ "{\"name\":\"$1\",\"item_id_type\":\"$2\",\"user_id_type\":\"$3\"}" "$root"
	backend=$(login_as /login/service/ "{\"name\":\"b\",\"password\":\"bpassword\",\"db_name\":\"$1\"}")
}

# frontend DATABASE USER: a token of that user.
frontend() {
	login_as /login/service/ "{\"name\":\"f\",\"password\":\"fpassword\",\"db_name\":\"$1\",\"frontend_user_id\":$2}"
}

# ratings USER:ITEM=RATING…: the body of ratings-bulk/.
ratings() {
	local separator='' entry
	printf '{"ratings":['
	for entry in "$@"; do
		[[ $entry =~ ^(.*):(.*)=(.*)$ ]]
		printf '%s{"user_id":"%s","item_id":"%s","rating":%s,"timestamp":1700000000}' "$separator" \
			"${BASH_REMATCH[@]:1}"
		separator=,
	done
	printf ']}'
}

learned() { [ "$(doorward database learn "$@" --json | jq .learned)" -ge 0 ]; }

database m uint32 uint32
path=/recommendation/users
row DATABASE_NOT_READY GET $path/1/items/ '' "$backend"
check 'what to wait for' equal "$(field .error_data.error)" 'The database is not ready. Wait using /status/'
check 'when to ask again' has_header Retry-After

# As soon as there is a rating there are items, before anything was learned.
row empty PUT /ratings-bulk/ "$(ratings 1:7=9)" "$backend"
row '.items_id == [7] and .next_cursor == null and (.warnings | length) == 1' GET $path/2/items/ '' "$backend"
row '.items_id == [] and .next_cursor == null and (has("warnings") | not)' GET $path/1/items/ '' "$backend"

# Three agree on 1 and 2, and not on 3; nobody is of the opinion that 4 is good.
row empty PUT /ratings-bulk/ "$(ratings 11:1=9 11:2=9 11:3=2 12:1=8 12:2=10 12:3=3 13:1=2 13:2=3 13:3=10 \
	14:4=1)" "$backend"
row empty DELETE /users/1/ratings/ '' "$backend"
check 'learning' learned
row empty PUT /users/20/ratings/1/ '{"rating":10}' "$backend"
row '.items_id == [2,3,4] and .next_cursor == null and (.warnings | length) == 1' GET $path/20/items/ '' "$backend"
row '.items_id == [2] and (has("warnings") | not)' GET "$path/20/items/?amt=1" '' "$backend"
row '(.items_id | sort) == [1,2,3,4]' GET "$path/20/items/?exclude_rated_items=false" '' "$backend"
row '(.items_id | sort) == [1,2,3,4]' GET "$path/20/items/?exclude_rated_items=0" '' "$backend"
for true in true 1; do
	row '.items_id == [2,3,4]' GET "$path/20/items/?exclude_rated_items=$true" '' "$backend"
done
row '.items_id == [2,3,4]' GET "/v1$path/20/items" '' "$backend"
row '.items_id == [2,3,4]' GET "$path/20/items/" '{"a body":"is ignored"}' "$backend"
request HEAD $path/20/items/ '' "$backend"
check 'HEAD' equal "$status $(wc -c <"$work/body")" "200 $(wc -c <"$work/headers")"
check 'learning' learned # who was asked for before counts, too
row '.items_id == [1,2,3,4] and .warnings == ["this user has rated nothing yet: these are items that are popular"]' \
	GET $path/999/items/ '' "$backend"
once=$body
row '. != null' GET $path/999/items/ '' "$backend"
check 'the same again' equal "$body" "$once"

# Refusals.
for query in amt=0 amt=65 amt=x amt=; do
	row fields:amt GET "$path/20/items/?$query" '' "$backend"
done
for query in yes 2 ''; do
	row fields:exclude_rated_items GET "$path/20/items/?exclude_rated_items=$query" '' "$backend"
done
row fields:user GET $path/x/items/ '' "$backend"
row fields:user GET $path/-1/items/ '' "$backend"
row 'fields:user' GET $path/~me/items/ '' "$backend"
row METHOD_NOT_ALLOWED POST $path/20/items/ '{}' "$backend"
row INCORRECT_JWT_TOKEN GET $path/20/items/ ''
row DATABASE_NOT_SELECTED GET $path/20/items/ '' "$root"

# A page at a time: all items, none twice, though between the pages the user rates what was shown, others
# rate all anew, and what is learned changes.
all=()
for item in {100..139}; do all+=("15:$item=$((item % 10 + 1))"); done
row empty PUT /ratings-bulk/ "$(ratings "${all[@]}")" "$backend"
check 'learning' learned m
seen='' cursor='' pages=0
while [ "$cursor" != null ] && [ $pages -lt 20 ]; do
	row '.items_id | length > 0 and length <= 7' GET "$path/21/items/?amt=7${cursor:+&cursor=$cursor}" '' "$backend"
	seen+=" $(field '.items_id | join(" ")')" cursor=$(field .next_cursor) pages=$((pages + 1))
	[ $pages != 1 ] || first=$cursor
	row empty PUT "/users/21/ratings/$(field '.items_id[0]')/" '{"rating":8}' "$backend"
	all=()
	for item in {100..139}; do all+=("15:$item=$(((item + pages * 3) % 10 + 1))"); done
	row empty PUT /ratings-bulk/ "$(ratings "${all[@]}")" "$backend"
	check 'learning' learned m
done
check 'each item was on one page' equal "$(tr ' ' '\n' <<<"$seen" | sed '/^$/d' | sort -n | xargs)" \
	"$(echo {1..4} {100..139})"
check 'pages' equal $pages 7

# A cursor is good for the listing it was given for, and nothing else.
row '.items_id | length == 7' GET "$path/21/items/?amt=7&cursor=$first" '' "$backend"
row fields:cursor GET "$path/20/items/?cursor=$first" '' "$backend"
row fields:cursor GET "$path/21/items/?cursor=${first%?}" '' "$backend"
row fields:cursor GET "$path/21/items/?cursor=${first}A" '' "$backend"
for at in 0 1 20 42 43 44 60 $((${#first} - 1)); do
	[ "${first:at:1}" = A ] && other=Q || other=A
	row fields:cursor GET "$path/21/items/?cursor=${first:0:at}$other${first:at+1}" '' "$backend"
done
for forged in '' A null '%00' "$(printf 'A%.0s' {1..44})" "$(printf 'A%.0s' {1..4000})"; do
	[ "$forged" = %00 ] && wanted=WRONG_DATA_TYPE || wanted=fields:cursor
	row $wanted GET "$path/21/items/?cursor=$forged" '' "$backend"
done
row .next_cursor GET '/ratings-bulk/?amt=1' '' "$backend"
row fields:cursor GET "$path/21/items/?cursor=$(field .next_cursor)" '' "$backend"
row fields:cursor GET "/ratings-bulk/?cursor=$first" '' "$backend"
doorward key rotate >/dev/null
row '.items_id | length == 7' GET "$path/21/items/?amt=7&cursor=$first" '' "$backend"

# An end user gets his own, and nobody else's.
mine=$(frontend m 20)
row '.items_id[0] == 2' GET $path/20/items/ '' "$mine"
row '.items_id[0] == 2' GET $path/~me/items/ '' "$mine"
row OTHER_USER GET $path/21/items/ '' "$mine"
row OTHER_USER GET "$path/21/items/?cursor=$first" '' "$mine"
row OTHER_USER GET $path/%32%31/items/ '' "$mine"

# What is new is learned by itself, as requests go by.
row empty PUT /ratings-bulk/ "$(ratings 31:200=9 31:201=10 31:1=1 32:200=10 32:201=9 32:1=2 33:200=9 33:201=9 \
	33:1=1)" "$backend"
row empty PUT /users/40/ratings/200/ '{"rating":9}' "$backend"
is_first() { request GET "$path/40/items/" '' "$backend" && [ "$(field '.items_id[0]')" = "$1" ]; }
check 'new items are learned' wait_for 30 is_first 201

# Another database is another world, and its identifiers are of other types.
database other bytes8 hex8
row fields:cursor GET "$path/21/items/?cursor=$first" '' "$backend" # before all else
row DATABASE_NOT_READY GET $path/0A/items/ '' "$backend"
row empty PUT /ratings-bulk/ "$(ratings AB:AQID=9 AB:_-8=8)" "$backend"
row '.items_id == ["AQID","_-8"] and .next_cursor == null' GET $path/0a/items/ '' "$backend"
row '.items_id == []' GET $path/ab/items/ '' "$backend"
row '.items_id == ["AQID","_-8"]' GET "$path/aB/items/?exclude_rated_items=false" '' "$backend"

# Emptied, it is as it was at first; deleted, nothing is left to find.
row empty DELETE /users/AB/ratings/ '' "$backend"
row DATABASE_NOT_READY GET $path/0A/items/ '' "$backend"
request DELETE /databases/current/ '' "$(login_as /login/individual/ \
	'{"email":"root@example.com","password":"rootpassword","db_name":"other"}')"
row DATABASE_NOT_FOUND GET $path/0A/items/ '' "$backend"
check 'nothing is wrong in the store' equal "$(doorward verify --json | jq .wrong)" 0

# The command.
check 'a database that is not there' equal "$(doorward database learn nothing 2>&1 >/dev/null | grep -c 'nothing does not exist')" 1
check 'learning all anew' equal "$(doorward database learn m --json | jq .learned)" \
	"$(request GET /databases/current/ '' "$(login_as /login/service/ \
		'{"name":"b","password":"bpassword","db_name":"m"}')" && field .counters.item)"
check 'quiet' equal "$(doorward database learn --quiet 2>&1)" ''
