# Contract section 8, ratings: one at a time, a user's, in bulk; pages and cursors; identifiers; limits.

new_state ratings
start_server "$kind"
root=$(root_token)
row .id POST /accounts/service/ '{"name":"back","password":"backpassword","role":"backend"}' "$root"

# database NAME ITEM-TYPE USER-TYPE: makes it and sets back, a backend's token for it.
database() {
	request POST /databases/ "{\"name\":\"$1\",\"item_id_type\":\"$2\",\"user_id_type\":\"$3\"}" "$root"
	back=$(login_as /login/service/ "{\"name\":\"back\",\"password\":\"backpassword\",\"db_name\":\"$1\"}")
}

# One rating: put, read, replaced, deleted; the database's status and counters.
database shop uint32 urlsafe16
row '.status == "pending"' GET /databases/current/status/ '' "$back"
row '. == {has_next:false,next_page:2,user_ratings:[]}' GET /users/ann/ratings/ '' "$back"
before=$(date +%s)
row empty PUT /users/ann/ratings/7/ '{"rating":8.5}' "$back"
row ".user_ratings | length == 1 and (.[0] | .item_id == 7 and .rating == 8.5 and .timestamp >= $before and
	.timestamp < $before + 60 and (keys | length == 3))" GET /users/ann/ratings/ '' "$back"
row '.status == "ready"' GET /databases/current/status/ '' "$back"
row '.databases[0].status == "ready"' GET /databases/ '' "$back"
row '.counters == {rating:1,user:1,item:1} and .status == "ready"' GET /databases/current/ '' "$back"
row empty PUT /users/ann/ratings/7 '{"rating":1,"timestamp":1234567890.25}' "$back"
row '.user_ratings == [{item_id:7,rating:1,timestamp:1234567890.25}]' GET /v1/users/ann/ratings '' "$back"
row empty PUT /users/ann/ratings/7/ '{"rating":7.3,"timestamp":0,"unknown":1}' "$back"
check 'as it was written' grep -qF '"rating":7.3,' <(request GET /users/ann/ratings/ '' "$back"; cat "$work/body")
row empty PUT /users/ann/ratings/7/ '{"rating":10,"timestamp":null}' "$back"
row ".user_ratings[0].timestamp >= $before" GET /users/ann/ratings/ '' "$back"
row '.counters == {rating:1,user:1,item:1}' GET /databases/current/ '' "$back"
row empty PUT /users/bob/ratings/7/ '{"rating":2}' "$back"
row empty PUT /users/bob/ratings/4294967295/ '{"rating":2}' "$back"
row '.counters == {rating:3,user:2,item:2}' GET /databases/current/ '' "$back"
row empty DELETE /users/bob/ratings/7/ '' "$back"
row USER_RATING_NOT_FOUND DELETE /users/bob/ratings/7/ '' "$back"
check 'type and key' equal "$(field '.error_data.type + ": " + .error_data.key')" 'rating: bob 7'
check 'message' equal "$(field .message)" 'The rating bob 7 does not exist'
row USER_RATING_NOT_FOUND DELETE /users/nobody/ratings/7/ '{}' "$back"
row '.counters == {rating:2,user:2,item:2}' GET /databases/current/ '' "$back"
row empty DELETE /users/ann/ratings/7/ '' "$back"
row empty DELETE /users/bob/ratings/ '' "$back"
row empty DELETE /users/bob/ratings/ '' "$back"
row '.counters == {rating:0,user:0,item:0} and .status == "pending"' GET /databases/current/ '' "$back"
row '.databases[0].status == "pending"' GET /databases/ '' "$back"

# Ratings and times that are none; nothing is written.
for value in 0 0.999 10.001 11 -1 '"5"' true '[]' '{}' 1e300; do
	row fields:rating PUT /users/ann/ratings/7/ "{\"rating\":$value}" "$back"
	row fields:ratings.1.rating PUT /users/ann/ratings/ \
		"{\"ratings\":[{\"item_id\":1,\"rating\":1},{\"item_id\":2,\"rating\":$value}]}" "$back"
	row fields:ratings.0.rating PUT /ratings-bulk/ \
		"{\"ratings\":[{\"user_id\":\"u\",\"item_id\":1,\"rating\":$value}]}" "$back"
done
row fields:rating PUT /users/ann/ratings/7/ '{}' "$back"
row fields:rating PUT /users/ann/ratings/7/ '{"rating":null}' "$back"
for value in -1 '"x"' '"1.2.3"' '"."' true '[]' 253402300800; do
	row fields:timestamp PUT /users/ann/ratings/7/ "{\"rating\":1,\"timestamp\":$value}" "$back"
	row fields:ratings.0.timestamp PUT /users/ann/ratings/ \
		"{\"ratings\":[{\"item_id\":1,\"rating\":1,\"timestamp\":$value}]}" "$back"
done
for value in '"x"' 1 '{}' true; do
	row fields:ratings PUT /users/ann/ratings/ "{\"ratings\":$value}" "$back"
	row fields:ratings PUT /ratings-bulk/ "{\"ratings\":$value}" "$back"
done
row fields:ratings PUT /users/ann/ratings/ '{}' "$back"
row fields:ratings PUT /ratings-bulk/ '{"ratings":null}' "$back"
row 'fields:ratings.0 ratings.1 ratings.2' PUT /ratings-bulk/ '{"ratings":[1,null,[]]}' "$back"
row 'fields:ratings.0.item_id ratings.0.rating' PUT /users/ann/ratings/ '{"ratings":[{}]}' "$back"
row 'fields:ratings.0.item_id ratings.0.rating ratings.0.user_id' PUT /ratings-bulk/ '{"ratings":[{}]}' "$back"
row fields:ratings.1.item_id PUT /users/ann/ratings/ \
	'{"ratings":[{"item_id":1,"rating":1},{"item_id":-1,"rating":1}]}' "$back"
row 'fields:ratings.0.item_id ratings.1.user_id' PUT /ratings-bulk/ '{"ratings":[{"user_id":"u","item_id":"x","rating":1},
	{"user_id":"no space","item_id":1,"rating":1},{"user_id":"u","item_id":2,"rating":1}]}' "$back"
row '.counters.rating == 0' GET /databases/current/ '' "$back"

# Faults are told up to a bound.
jq -nc '{ratings: [range(16384) | {user_id: 1}]}' >"$work/faults"
request PUT /ratings-bulk/ "@$work/faults" "$back"
check 'many faults, a short answer' holds '.error_data.query | length >= 64 and length < 256'

# In bulk, all or none; of a pair there is one.
row empty PUT /users/ann/ratings/ '{"ratings":[]}' "$back"
row empty PUT /ratings-bulk/ '{"ratings":[]}' "$back"
row empty PUT /users/ann/ratings/ '{"ratings":[{"item_id":3,"rating":3,"timestamp":3},
	{"item_id":"1","rating":1.5,"timestamp":1},{"item_id":2,"rating":2,"timestamp":2,"unknown":1}]}' "$back"
row '.user_ratings == [{item_id:1,rating:1.5,timestamp:1},{item_id:2,rating:2,timestamp:2},
	{item_id:3,rating:3,timestamp:3}]' GET /users/ann/ratings/ '' "$back"
row DUPLICATED_USER_RATING PUT /users/ann/ratings/ '{"ratings":[{"item_id":9,"rating":1},
	{"item_id":8,"rating":1},{"item_id":"09","rating":2}]}' "$back"
check 'type and key' equal "$(field '.error_data.type + ": " + .error_data.key')" 'rating: ann 9'
row DUPLICATED_USER_RATING PUT /ratings-bulk/ '{"ratings":[{"user_id":"a","item_id":9,"rating":1},
	{"user_id":"b","item_id":9,"rating":1},{"user_id":"a","item_id":8,"rating":1},
	{"user_id":"b","item_id":"9","rating":1}]}' "$back"
check 'key' equal "$(field .error_data.key)" 'b 9'
row '.counters == {rating:3,user:1,item:3}' GET /databases/current/ '' "$back"
row empty PUT /ratings-bulk/ '{"ratings":[{"user_id":"ann","item_id":1,"rating":9,"timestamp":9},
	{"user_id":"bob","item_id":1,"rating":4,"timestamp":4},{"user_id":"an","item_id":5,"rating":5,"timestamp":5}]}' "$back"
row '.counters == {rating:5,user:3,item:4}' GET /databases/current/ '' "$back"
row '. == {has_next:false,next_cursor:null,ratings:[{user_id:"an",item_id:5,rating:5,timestamp:5},
	{user_id:"ann",item_id:1,rating:9,timestamp:9},{user_id:"ann",item_id:2,rating:2,timestamp:2},
	{user_id:"ann",item_id:3,rating:3,timestamp:3},{user_id:"bob",item_id:1,rating:4,timestamp:4}]}' \
	GET /ratings-bulk/ '' "$back"

# Pages.
row '[.user_ratings[].item_id] == [1,2] and .has_next and .next_page == 2' GET '/users/ann/ratings/?amt=2' '' "$back"
row '[.user_ratings[].item_id] == [3] and (.has_next | not) and .next_page == 3' \
	GET '/users/ann/ratings/?amt=2&page=2' '' "$back"
row '.user_ratings == [] and (.has_next | not)' GET '/users/ann/ratings/?page=3&amt=2' '' "$back"
row '.has_next | not' GET '/users/ann/ratings/?amt=3' '' "$back"
for query in amt=0 amt=65 amt=x amt=; do row fields:amt GET "/users/ann/ratings/?$query" '' "$back"; done
for query in page=0 page=x; do row fields:page GET "/users/ann/ratings/?$query" '' "$back"; done
for query in amt=0 amt=16385 amt=x amt=; do row fields:amt GET "/ratings-bulk/?$query" '' "$back"; done
row '.ratings | length == 5' GET '/ratings-bulk/?amt=16384' '' "$back"

# HEAD, and methods that are not there.
for path in /users/ann/ratings/ /ratings-bulk/; do
	request HEAD $path '' "$back"
	check "HEAD $path" equal "$status $(wc -c <"$work/body" | tr -d ' ')" "200 $(wc -c <"$work/headers" | tr -d ' ')"
	row METHOD_NOT_ALLOWED POST $path '{}' "$back"
done
row METHOD_NOT_ALLOWED GET /users/ann/ratings/1/ '' "$back"
check 'Allow' equal "$(header Allow)" 'PUT, DELETE'
row METHOD_NOT_ALLOWED DELETE /ratings-bulk/ '' "$back"
for path in /users/ /users/ann/ /users/ann/ratings/1/2/ /users//ratings/ /users/ann/rating/; do
	row ENDPOINT_NOT_FOUND GET $path '' "$back"
done

# Without a database, and without a token.
for call in 'GET /users/ann/ratings/' 'PUT /users/ann/ratings/' 'DELETE /users/ann/ratings/' \
	'PUT /users/ann/ratings/1/' 'DELETE /users/ann/ratings/1/' 'GET /ratings-bulk/' 'PUT /ratings-bulk/'; do
	row DATABASE_NOT_SELECTED $call '' "$root"
	row INCORRECT_JWT_TOKEN $call
done
row fields:user GET /users/~me/ratings/ '' "$back"
row fields:user PUT /users/%7eme/ratings/1/ '{"rating":1}' "$back"

# Cursors: each rating once, whatever is written between two pages; none but our own.
row '.ratings | length == 2' GET '/ratings-bulk/?amt=2' '' "$back"
cursor=$(field .next_cursor)
check 'has_next' holds .has_next
row empty PUT /users/a/ratings/1/ '{"rating":1}' "$back"      # before the cursor
row empty DELETE /users/ann/ratings/1/ '' "$back"             # the very place of the cursor
row empty PUT /users/bobby/ratings/1/ '{"rating":1}' "$back"  # behind it
row '[.ratings[] | .user_id + (.item_id | tostring)] == ["ann2","ann3"] and .has_next' \
	GET "/ratings-bulk/?amt=2&cursor=$cursor" '' "$back"
row '[.ratings[] | .user_id + (.item_id | tostring)] == ["bob1","bobby1"] and (.has_next | not)' \
	GET "/ratings-bulk/?amt=2&cursor=$(field .next_cursor)" '' "$back"
doorward key rotate >/dev/null
row '[.ratings[].user_id] == ["ann"] and .has_next' GET "/ratings-bulk/?cursor=$cursor&amt=1" '' "$back"
decoded=$(printf '%s==' "$cursor" | tr -- '-_' '+/' | base64 -d 2>/dev/null | tail -c +33)
check 'a cursor is a place' equal "$decoded" 'ann 1'
swap=$([ "${cursor: -1}" = A ] && echo Q || echo A)
first=$([ "${cursor:0:1}" = A ] && echo Q || echo A)
for forged in "${cursor%?}$swap" "${cursor%?}" "$cursor$cursor" x '' "$first${cursor#?}" "${cursor}=" \
	"$(printf '%032d%s' 0 'ann 1' | base64 | tr -d '=\n' | tr '+/' '-_')" "$(printf 'A%.0s' {1..512})" \
	"$(printf 'A%.0s' {1..600})" '%00'; do
	case $forged in
	%00) row WRONG_DATA_TYPE GET "/ratings-bulk/?cursor=$forged" '' "$back" ;;
	*) row fields:cursor GET "/ratings-bulk/?cursor=$forged" '' "$back" ;;
	esac
done
row 'fields:amt cursor' GET "/ratings-bulk/?amt=0&cursor=$(printf 'A%.0s' {1..600})" '' "$back"
shop=$back
database twin uint32 urlsafe16
row fields:cursor GET "/ratings-bulk/?cursor=$cursor" '' "$back"
row '.ratings == []' GET /ratings-bulk/ '' "$back"

# What is in one database is not in another of the same types.
row USER_RATING_NOT_FOUND DELETE /users/ann/ratings/2/ '' "$back"
row empty DELETE /users/ann/ratings/ '' "$back"
row '.user_ratings | length == 2' GET /users/ann/ratings/ '' "$shop"

# Every row by cursor while others are written: those that are there throughout are met once each.
jq -nc '{ratings: [range(300) | {user_id: "u\(.)", item_id: 1, rating: 5}]}' >"$work/bulk"
row empty PUT /ratings-bulk/ "@$work/bulk" "$back"
for ((i = 0; i < 60; i++)); do
	curl -s -X PUT -H 'Content-Type: application/json' -H "Authorization: Bearer $back" \
		-d '{"rating":1}' "$url/users/u$i.x/ratings/$i/"
done >"$work/others" 2>&1 &
writer=$!
met='' cursor=''
while :; do
	request GET "/ratings-bulk/?amt=7$cursor" '' "$back"
	met+=" $(field '.ratings[] | select(.item_id == 1 and (.user_id | contains(".") | not)) | .user_id')"
	holds .has_next || break
	cursor="&cursor=$(field .next_cursor)"
done
wait "$writer"
check 'the others wrote' equal "$(wc -c <"$work/others")" 0
check 'each once' equal "$(tr ' ' '\n' <<<"$met" | grep . | sort | uniq -c | awk '{ print $1 }' | sort | uniq -c |
	tr -s ' ')" ' 300 1'

# The most: 16,384 ratings, 4 MiB.
database large uint64 uint64
jq -nc '{ratings: [range(16384) | {user_id: (. * 7919 % 100000), item_id: (. * 104729 % 1000003), rating: (1 + . % 10)}]}' >"$work/bulk"
row empty PUT /ratings-bulk/ "@$work/bulk" "$back"
row '.counters.rating == 16384' GET /databases/current/ '' "$back"
row '(.ratings | length == 16384) and (.has_next | not)' GET '/ratings-bulk/?amt=16384' '' "$back"
jq -c '.ratings += [{user_id: 1, item_id: 999999999, rating: 1}]' "$work/bulk" >"$work/more"
row fields:ratings PUT /ratings-bulk/ "@$work/more" "$back"
jq -nc '{ratings: [range(16384) | {item_id: ., rating: 3}]}' >"$work/bulk"
row empty PUT /users/1/ratings/ "@$work/bulk" "$back"
jq -nc '{ratings: [range(16385) | {item_id: ., rating: 4}]}' >"$work/more"
row fields:ratings PUT /users/2/ratings/ "@$work/more" "$back"
row '.user_ratings == []' GET /users/2/ratings/ '' "$back"
row '.user_ratings | length == 64 and all(.[]; .rating == 3)' GET '/users/1/ratings/?page=256' '' "$back"
row empty DELETE /users/1/ratings/ '' "$back"
row '.user_ratings == []' GET /users/1/ratings/ '' "$back"
# exactly 4 MiB, and a byte more
pad() { printf '{"ratings":[],"pad":"'; head -c $(($1 - 23)) /dev/zero | tr '\0' x; printf '"}'; }
pad 4194304 >"$work/fits"
pad 4194305 >"$work/beyond"
row empty PUT /ratings-bulk/ "@$work/fits" "$back"
row TOO_LARGE PUT /ratings-bulk/ "@$work/beyond" "$back"
row empty PUT /users/1/ratings/ "@$work/fits" "$back"
row TOO_LARGE PUT /users/1/ratings/ "@$work/beyond" "$back"
row TOO_LARGE PUT /users/1/ratings/1/ "@$work/fits" "$back"

# Identifiers of every type in path and body: as sent in the path, in the body, as given back.
x64=$(printf 'a%.0s' {1..64})
b64=$(printf 'A%.0s' {1..86})
#     type       in the path                              in the body                  given back
table='
	int8       -128                                     -128                         -128
	int8       -0128                                    "-128"                       -128
	int8       %2D0                                     0                            0
	int64      -9223372036854775808                     -9223372036854775808         -9223372036854775808
	uint8      0255                                     "255"                        255
	uint64     18446744073709551615                     18446744073709551615         18446744073709551615
	uint32     %34%32                                   42                           42
	uuid       00112233-4455-6677-8899-AABBCCDDEEFF     "00112233-4455-6677-8899-aAbBcCdDeEfF" "00112233-4455-6677-8899-aabbccddeeff"
	hex16      0aF                                      "0Af"                        "0AF"
	hex64      '$x64'                                   "'$x64'"                     "'${x64^^}'"
	urlsafe16  a.Z_-9                                   "a.Z_-9"                     "a.Z_-9"
	urlsafe16  ..                                       ".."                         ".."
	urlsafe64  '$x64'                                   "'$x64'"                     "'$x64'"
	bytes4     AQIDBA==                                 "AQIDBA"                     "AQIDBA"
	bytes4     AQIDBA%3D%3D                             "AQIDBA=="                   "AQIDBA"
	bytes4     -_8                                      "-_8="                       "-_8"
	bytes64    '$b64'                                   "'$b64'"                     "'$b64'"
'
number=0
while read -r type path json given; do
	[ -n "$type" ] || continue
	number=$((number + 1))
	# the type stands for the users, then for the items
	database "users-$number" uint8 "$type"
	# a segment of dots would be resolved by the web server
	[ "$path" != .. ] || path=%2e%2e
	row empty PUT "/ratings-bulk/" "{\"ratings\":[{\"user_id\":$json,\"item_id\":1,\"rating\":5}]}" "$back"
	row '.ratings | length == 1' GET /ratings-bulk/ '' "$back"
	check "$type: user $given" grep -qF "\"user_id\":$given," "$work/body"
	if [ "$path" != %2e%2e ]; then
		row empty PUT "/users/$path/ratings/2/" '{"rating":5}' "$back"
		row '.user_ratings | length == 2' GET "/users/$path/ratings/" '' "$back"
		row empty DELETE "/users/$path/ratings/1/" '' "$back"
		row '.counters == {rating:1,user:1,item:1}' GET /databases/current/ '' "$back"
	fi
	database "items-$number" "$type" uint8
	row empty PUT /users/1/ratings/ "{\"ratings\":[{\"item_id\":$json,\"rating\":5}]}" "$back"
	row '.user_ratings | length == 1' GET /users/1/ratings/ '' "$back"
	check "$type: item $given" grep -qF "\"item_id\":$given," "$work/body"
	if [ "$path" != %2e%2e ]; then
		row empty PUT "/users/1/ratings/$path/" '{"rating":6}' "$back"
		row '.user_ratings | length == 1 and .[0].rating == 6' GET /users/1/ratings/ '' "$back"
		row empty DELETE "/users/1/ratings/$path/" '' "$back"
	fi
done <<<"$table"
#     type       refused in the path and in the body
table='
	int8       128              128
	int8       +1               "+1"
	uint8      -1               -1
	uint8      1.0              1.0
	uint32     0x1              "0x1"
	uint32     4%202            "4 2"
	uuid       00112233445566778899AABBCCDDEEFF "00112233445566778899AABBCCDDEEFF"
	hex2       abc              "abc"
	hex2       xy               "xy"
	urlsafe4   a%2Fb            "a/b"
	urlsafe4   a~b              "a~b"
	urlsafe4   abcde            "abcde"
	urlsafe4   %C3%A4           "ä"
	bytes4     AQIDBAU          "AQIDBAU"
	bytes4     AQIDBB           "AQIDBB"
	bytes4     AQ%2B%2F         "AQ+/"
	urlsafe4   null             1
'
while read -r type path json; do
	[ -n "$type" ] || continue
	number=$((number + 1))
	database "bad-$number" "$type" "$type"
	if [ "$path" != null ]; then
		row fields:user GET "/users/$path/ratings/" '' "$back"
		row fields:user PUT "/users/$path/ratings/$path/" '{"rating":1}' "$back"
	fi
	row 'fields:ratings.0.item_id ratings.0.user_id' PUT /ratings-bulk/ \
		"{\"ratings\":[{\"user_id\":$json,\"item_id\":$json,\"rating\":5}]}" "$back"
	row '.counters.rating == 0' GET /databases/current/ '' "$back"
done <<<"$table"
database item-path uint8 uint8
for path in 256 -1 x %20 1.0; do
	row fields:item PUT "/users/1/ratings/$path/" '{"rating":1}' "$back"
	row fields:item DELETE "/users/1/ratings/$path/" '' "$back"
done

# A database that is deleted: nothing can be asked of it, nothing of it is left in the end.
database doomed uint32 uint32
jq -nc '{ratings: [range(2000) | {user_id: (. % 100), item_id: ., rating: 3}]}' >"$work/bulk"
row empty PUT /ratings-bulk/ "@$work/bulk" "$back"
doomed=$back
manager=$(request POST /accounts/service/ '{"name":"m","password":"mpassword","role":"manager"}' "$root"
	login_as /login/service/ '{"name":"m","password":"mpassword","db_name":"doomed"}')
row empty DELETE /databases/current/ '' "$manager"
for call in 'GET /users/1/ratings/' 'GET /ratings-bulk/' 'DELETE /users/1/ratings/' 'DELETE /users/1/ratings/1/'; do
	row DATABASE_NOT_FOUND $call '' "$doomed"
done
row DATABASE_NOT_FOUND PUT /users/1/ratings/1/ '{"rating":1}' "$doomed"
row DATABASE_NOT_FOUND PUT /ratings-bulk/ '{"ratings":[{"user_id":1,"item_id":1,"rating":1}]}' "$doomed"
database after uint32 uint32
for ((i = 0; i < 40; i++)); do row empty PUT /users/1/ratings/$i/ '{"rating":1}' "$back"; done
check 'nothing of it is left' equal "$(doorward verify --json | jq -c '[.trash, .wrong, .to_be_swept]')" '[0,0,0]'
