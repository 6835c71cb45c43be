# A frontend token stays with its own user: ways to ask for another's data, every method, all refused, and
# nothing of it written; ways to write the own user's identifier, all taken.

new_state own-user
start_server "$kind"
root=$(root_token)
row .id POST /accounts/service/ '{"name":"web","password":"webpassword","role":"frontend"}' "$root"
row .id POST /accounts/service/ '{"name":"back","password":"backpassword","role":"backend"}' "$root"

# enter TYPE USER OTHER: a database with that type of users, both of whom have a rating; sets own and back.
enter() {
	row .id POST /databases/ "{\"name\":\"$1\",\"item_id_type\":\"uint8\",\"user_id_type\":\"$1\",
		\"session_id_type\":\"uint8\"}" "$root"
	row .token POST /login/service/ "{\"name\":\"web\",\"password\":\"webpassword\",\"db_name\":\"$1\",
		\"frontend_user_id\":\"$2\"}"
	own=$(field .token)
	back=$(login_as /login/service/ "{\"name\":\"back\",\"password\":\"backpassword\",\"db_name\":\"$1\"}")
	row empty PUT /ratings-bulk/ "{\"ratings\":[{\"user_id\":\"$2\",\"item_id\":1,\"rating\":5,\"timestamp\":1},
		{\"user_id\":\"$3\",\"item_id\":1,\"rating\":5,\"timestamp\":1}]}" "$back"
	row '.ratings | length == 2' GET /ratings-bulk/ '' "$back"
	whole=$body
}
unchanged() { row ". == $whole" GET /ratings-bulk/ '' "$back"; }

# every EXPECTED PATH TOKEN: every method of every endpoint of a user.
every() {
	row "$1" GET "/users/$2/ratings/" '' "$3"
	row "$1" GET "/users/$2/ratings/?page=1&amt=64" '' "$3"
	row "$1" PUT "/users/$2/ratings/" '{"ratings":[{"item_id":9,"rating":1}]}' "$3"
	row "$1" PUT "/users/$2/ratings/" '{"ratings":"no list"}' "$3"
	row "$1" DELETE "/users/$2/ratings/" '' "$3"
	row "$1" PUT "/users/$2/ratings/1/" '{"rating":1}' "$3"
	row "$1" PUT "/users/$2/ratings/1/" '{"rating":99}' "$3"
	row "$1" DELETE "/users/$2/ratings/1/" '' "$3"
	if refuses_path "$kind" "$2"; then return; fi
	request HEAD "/users/$2/ratings/" '' "$3"
	case $1 in
	OTHER_USER) check "HEAD $2" equal "$status" 403 ;;
	*) check "HEAD $2" equal "$status" 400 ;;
	esac
}

# own: another way to write the own user; other: another user; bad: no identifier of the type, which is
# said before whose it would be.
#    type      the token's own user                 the other user
types='
	uint32    42                                   43
	int8      -1                                   1
	hex8      0AF                                  0AE
	uuid      00112233-4455-6677-8899-aabbccddeeff 00112233-4455-6677-8899-aabbccddeefe
	urlsafe8  ann                                  Ann
	bytes4    AQIDBA                               AQIDBQ
'
ways='
	uint32    own    42
	uint32    own    042
	uint32    own    0000000000042
	uint32    own    %34%32
	uint32    own    4%32
	uint32    own    ~me
	uint32    own    %7Eme
	uint32    own    %7e%6d%65
	uint32    other  43
	uint32    other  043
	uint32    other  0000000000000000043
	uint32    other  %34%33
	uint32    other  4%33
	uint32    other  0
	uint32    other  4
	uint32    other  421
	uint32    other  4294967295
	uint32    bad    4294967338
	uint32    bad    18446744073709551658
	uint32    bad    -42
	uint32    bad    +42
	uint32    bad    %2B43
	uint32    bad    43%20
	uint32    bad    %2043
	uint32    bad    43.0
	uint32    bad    43e0
	uint32    bad    0x2b
	uint32    bad    42,43
	uint32    bad    43%2F..%2F42
	uint32    bad    42%2F..%2F43
	uint32    bad    42;43
	uint32    bad    42%0A43
	uint32    bad    ~ME
	uint32    bad    ~me43
	uint32    bad    me
	uint32    bad    ~
	uint32    bad    %257Eme
	uint32    bad    %2543
	uint32    bad    *
	uint32    bad    null
	int8      own    -1
	int8      own    -01
	int8      own    %2D1
	int8      other  1
	int8      other  01
	int8      other  0
	int8      other  -0
	int8      other  -2
	int8      bad    255
	int8      bad    --1
	hex8      own    0AF
	hex8      own    0af
	hex8      own    0aF
	hex8      own    %30a%46
	hex8      other  AF
	hex8      other  af
	hex8      other  00af
	hex8      other  0ae
	hex8      other  0AE
	hex8      other  %30%41%45
	hex8      bad    0x0ae
	hex8      bad    0000000ae
	uuid      own    00112233-4455-6677-8899-AABBCCDDEEFF
	uuid      own    00112233-4455-6677-8899-aabbccddeef%66
	uuid      other  00112233-4455-6677-8899-AABBCCDDEEFE
	uuid      other  00112233-4455-6677-8899-aabbccddeefe
	uuid      other  00112233-4455-6677-8899-aabbccddeef%45
	uuid      bad    00112233445566778899aabbccddeefe
	uuid      bad    %7B00112233-4455-6677-8899-aabbccddeefe%7D
	urlsafe8  own    ann
	urlsafe8  own    %61nn
	urlsafe8  other  Ann
	urlsafe8  other  ANN
	urlsafe8  other  %41nn
	urlsafe8  other  ann.
	urlsafe8  other  me
	urlsafe8  bad    ann%20
	urlsafe8  bad    ann%2F
	urlsafe8  bad    ann~
	bytes4    own    AQIDBA
	bytes4    own    AQIDBA==
	bytes4    own    AQIDBA%3D%3D
	bytes4    other  AQIDBQ
	bytes4    other  AQIDBQ==
	bytes4    other  AQIDBQ%3d%3D
	bytes4    other  AQID
	bytes4    bad    AQIDBB
	bytes4    bad    AQIDBA=
	bytes4    bad    AQIDBA===
'

while read -r type user other; do
	[ -n "$type" ] || continue
	enter "$type" "$user" "$other"
	while read -r of who path; do
		[ "$of" = "$type" ] || continue
		case $who in
		own)
			row '.user_ratings | length == 1' GET "/users/$path/ratings/" '' "$own"
			row empty PUT "/users/$path/ratings/1/" '{"rating":7}' "$own"
			row empty DELETE "/users/$path/ratings/1/" '' "$own"
			row empty PUT "/users/$path/ratings/" '{"ratings":[{"item_id":1,"rating":2}]}' "$own"
			row empty DELETE "/users/$path/ratings/" '' "$own"
			row empty PUT "/users/$path/ratings/1/" '{"rating":5,"timestamp":1}' "$own"
			;;
		other) every OTHER_USER "$path" "$own" ;;
		bad) every fields:user "$path" "$own" ;;
		esac
	done <<<"$ways"
	row ROLE_NOT_ALLOWED GET /ratings-bulk/ '' "$own"
	row ROLE_NOT_ALLOWED PUT /ratings-bulk/ "{\"ratings\":[{\"user_id\":\"$user\",\"item_id\":2,\"rating\":1}]}" "$own"
	unchanged
done <<<"$types"

# What the body says of a user counts for nothing: the path's is written.
enter uint8 1 2
row empty PUT /users/1/ratings/ '{"ratings":[{"user_id":2,"item_id":1,"rating":5,"timestamp":1}],"user_id":2}' "$own"
row empty PUT /users/~me/ratings/1/ '{"rating":5,"timestamp":1,"user_id":2,"user":2,"item_id":7}' "$own"
unchanged
row OTHER_USER GET '/users/2/ratings/?user=1&frontend_user_id=1' '' "$own"
check 'what is said' equal "$(field .message)" \
	"Do not have enough permissions to access this resource: another user's resource"

# Paths that a careless server could read as another's.
for path in /users/1/../2/ratings/ /users/./2/ratings/ /users/1/ratings/../../2/ratings/ //users/2/ratings/ \
	/users/1%2F..%2F2/ratings/ /users/2%00/ratings/ /users/2/RATINGS/; do
	request GET "$path" '' "$own"
	check "$path: $status" test "$status" -ge 400
done
row OTHER_USER GET /v1/users/2/ratings '' "$own"
row OTHER_USER GET /%75sers/2/ratings/ '' "$own"
row OTHER_USER GET /users/2/rating%73/ '' "$own"

# A token made for a session only has no user: none is its own.
row .token POST /login/service/ '{"name":"web","password":"webpassword","db_name":"uint8","frontend_session_id":1}'
session=$(field .token)
every fields:user '~me' "$session"
every OTHER_USER 1 "$session"
every OTHER_USER 0 "$session"
every fields:user x "$session"

# Another role's token, narrowed to a user at login, is a frontend's.
row .token POST /login/service/ '{"name":"back","password":"backpassword","db_name":"uint8","frontend_user_id":1}'
narrowed=$(field .token)
every OTHER_USER 2 "$narrowed"
row ROLE_NOT_ALLOWED GET /ratings-bulk/ '' "$narrowed"
row '.user_ratings | length == 1' GET /users/~me/ratings/ '' "$narrowed"
unchanged

# A backend is nobody in particular, and may do it for everybody.
row fields:user GET /users/~me/ratings/ '' "$back"
row '.user_ratings | length == 1' GET /users/2/ratings/ '' "$back"
