# Contract section 6, as far as it goes: databases.

new_state databases
start_server "$kind"
root=$(root_token)

row '.databases == [] and .has_next == false' GET /databases/ '' "$root"
row '.id | type == "string"' POST /databases/ '{"name":"b","item_id_type":"uint32","user_id_type":"uuid",
	"description":"Bücher","session_id_type":"bytes16","metadata":{"m":1},"core_config":{"c":[]}}' "$root"
id=$(field .id)
row DUPLICATED_DB_NAME POST /databases/ '{"name":"b","item_id_type":"uuid","user_id_type":"uuid"}' "$root"
check 'type, key' equal "$(field '.error_data.type + " " + .error_data.key')" 'database b'
check 'message' equal "$(field .message)" 'The database b is duplicated'
row 'fields:item_id_type name user_id_type' POST /databases/ '{}' "$root"
for type in int7 uint0 uint128 int uint int08 uuid4 UUID hex hex0 hex65 hex065 urlsafe urlsafe65 bytes bytes65 \
	string '' ' uuid' 'uuid ' int-8 'int+8'; do
	row 'fields:item_id_type session_id_type user_id_type' POST /databases/ "{\"name\":\"x\",
		\"item_id_type\":\"$type\",\"user_id_type\":\"$type\",\"session_id_type\":\"$type\"}" "$root"
done
long=$(printf 'x%.0s' {1..129})
row fields:name POST /databases/ "{\"name\":\"$long\",\"item_id_type\":\"uuid\",\"user_id_type\":\"uuid\"}" "$root"
row fields:name POST /databases/ '{"name":"","item_id_type":"uuid","user_id_type":"uuid"}' "$root"

# Lists, by name, page by page.
for name in a c d e; do
	row .id POST /databases/ "{\"name\":\"$name\",\"item_id_type\":\"uuid\",\"user_id_type\":\"uuid\"}" "$root"
done
row '[.databases[].name] == ["a","b","c","d","e"] and .has_next == false' GET /databases/ '' "$root"
row ".databases[1] == {id:\"$id\",name:\"b\",description:\"Bücher\",item_id_type:\"uint32\",
	user_id_type:\"uuid\",session_id_type:\"bytes16\",status:\"pending\"}" GET /databases/ '' "$root"
row '.databases[0] | has("session_id_type") | not' GET /databases/ '' "$root"
row '[.databases[].name] == ["a","b"] and .has_next and .next_page == 2' GET '/databases/?amt=2' '' "$root"
row '[.databases[].name] == ["c","d"] and .has_next and .next_page == 3' GET '/databases/?amt=2&page=2' '' "$root"
row '[.databases[].name] == ["e"] and (.has_next | not)' GET '/databases/?page=3&amt=2' '' "$root"
row '.databases == [] and (.has_next | not)' GET '/databases/?page=1000000&amt=64' '' "$root"
row '.has_next | not' GET '/databases/?amt=5' '' "$root"
row '.databases | length == 5' GET '/databases?amt=%36%34&_=1&x=%zz' '' "$root"
for query in page=0 page=-1 page=x page= page=1.5 page=99999999999999999999 page=1e3 'page=%201' 'page=+1'; do
	row fields:page GET "/databases/?$query" '' "$root"
done
for query in amt=0 amt=65 amt=-1 amt=x amt; do
	row fields:amt GET "/databases/?$query" '' "$root"
done
row 'fields:amt page' GET '/databases/?amt=0&page=0' '' "$root"
row fields:page GET '/databases/?page=1&page=2' '' "$root"
row WRONG_DATA_TYPE GET '/databases/?page=%zz' '' "$root"
row WRONG_DATA_TYPE GET '/databases/?page=%00' '' "$root"
row WRONG_DATA_TYPE GET '/databases/?page=%ff' '' "$root"

# The current one.
row DATABASE_NOT_SELECTED GET /databases/current/ '' "$root"
row DATABASE_NOT_SELECTED DELETE /databases/current/ '' "$root"
row DATABASE_NOT_SELECTED GET /databases/current/status/ '' "$root"
manager=$(request POST /accounts/service/ '{"name":"m","password":"mpassword","role":"manager"}' "$root"
	login_as /login/service/ '{"name":"m","password":"mpassword","db_name":"b"}')
row ".id == \"$id\" and .name == \"b\" and .description == \"Bücher\" and .status == \"pending\" and
	.counters == {rating:0,user:0,item:0} and .metadata == {m:1} and .core_config == {c:[]} and
	.session_id_type == \"bytes16\"" GET /databases/current/ '' "$manager"
row '. == {status: "pending"}' GET /databases/current/status/ '' "$manager"

# Deleted, it is gone for everybody who has it selected.
request POST /login/service/ '{"name":"m","password":"mpassword","db_name":"b"}'
refresh=$(field .refresh_token)
row empty DELETE /databases/current/ '' "$manager"
for path in /databases/current/ /databases/current/status/; do
	row DATABASE_NOT_FOUND GET $path '' "$manager"
done
row DATABASE_NOT_FOUND DELETE /databases/current/ '' "$manager"
row DATABASE_NOT_FOUND POST /login/jwt/ '{}' "$manager"
row DATABASE_NOT_FOUND POST /login/refresh-token/ "{\"refresh_token\":\"$refresh\"}"
row '.database.name == "a"' POST /login/refresh-token/ "{\"refresh_token\":\"$refresh\",\"db_name\":\"a\"}"
row '[.databases[].name] == ["a","c","d","e"]' GET /databases/ '' "$manager"
row .id POST /databases/ '{"name":"b","item_id_type":"uuid","user_id_type":"uuid"}' "$manager"
row DATABASE_NOT_FOUND GET /databases/current/ '' "$manager"

# Another organization has its own names, and cannot reach ours.
printf 'otherpassword\n' | doorward org add Other --email other@example.com >/dev/null
other=$(login_as /login/root/ '{"email":"other@example.com","password":"otherpassword"}')
row '.databases == []' GET /databases/ '' "$other"
row .id POST /databases/ '{"name":"a","item_id_type":"uuid","user_id_type":"uuid"}' "$other"
theirs=$(field .id)
row DATABASE_NOT_FOUND POST /login/service/ "{\"name\":\"m\",\"password\":\"mpassword\",\"db_id\":\"$theirs\"}"

# The command sees the same.
check 'database list' equal "$(doorward database list --org default --json | jq -c '[.[].name]')" \
	'["a","b","c","d","e"]'
doorward database delete c --org default
row '[.databases[].name] == ["a","b","d","e"]' GET /databases/ '' "$root"
