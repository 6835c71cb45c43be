# Contract section 6: changing a database and the organization, and looking first.

new_state metadata
start_server "$kind"
root=$(root_token)
database=/databases/current/ organization=/organizations/current/

request POST /databases/ '{"name":"shop","item_id_type":"uuid","user_id_type":"uuid","description":"old",
	"metadata":{"a":1,"deep":{"x":1,"y":[1]}},"core_config":{"list":[1,2]}}' "$root"
request POST /accounts/service/ '{"name":"m","password":"mpassword","role":"manager"}' "$root"
manager=$(login_as /login/service/ '{"name":"m","password":"mpassword","db_name":"shop"}')

# is_now METADATA CORE_CONFIG DESCRIPTION: what the database says of itself and in lists.
is_now() {
	row ".metadata == $1 and .core_config == $2 and .description == \"$3\" and .name == \"shop\" and
		.counters == {rating:0,user:0,item:0}" GET $database '' "$manager"
	row ".databases[0].description == \"$3\" and (.databases | length) == 1" GET /databases/ '' "$root"
}

# The preview says what would become of it, and nothing does.
change='{"description":"new","metadata":{"a":null,"deep":{"y":[2],"z":null},"b":{"c":null,"d":0.10}},
	"core_config":{"list":[3]}}'
old='{description:"old",metadata:{a:1,deep:{x:1,y:[1]}},core_config:{list:[1,2]}}'
row ".metadata_old == $old and (keys == [\"metadata_new\",\"metadata_old\"]) and .metadata_new ==
	{description:\"new\",metadata:{deep:{x:1,y:[2]},b:{d:0.1}},core_config:{list:[3]}}" \
	PATCH ${database}preview/ "$change" "$manager"
row ".metadata_old == $old and .metadata_new ==
	{description:\"new\",metadata:{deep:{x:1,y:[1,2]},b:{d:0.1}},core_config:{list:[1,2,3]}}" \
	PATCH ${database}preview/ "${change%\}},\"preserve\":true}" "$manager"
row '.metadata_old == .metadata_new' PATCH ${database}preview/ '' "$manager"
row '.metadata_old == .metadata_new' PATCH ${database}preview/ \
	'{"description":null,"metadata":null,"core_config":{},"preserve":null}' "$manager"
row '.warnings == ["unknown field: colour"]' PATCH ${database}preview/ '{"colour":1}' "$manager"
row '.metadata_new.description == ""' PATCH ${database}preview/ '{"description":""}' "$manager"
is_now '{a:1,deep:{x:1,y:[1]}}' '{list:[1,2]}' old

row empty PATCH $database "$change" "$manager"
is_now '{deep:{x:1,y:[2]},b:{d:0.1}}' '{list:[3]}' new
check 'numbers stay as they were written' grep -qF '"d":0.10' <(request GET $database '' "$manager"; cat "$work/body")
check 'audit' equal "$(audit database.change '.outcome + " " + (.detail | sub("^[A-Za-z0-9_-]{22} "; ""))')" 'ok shop'
row empty PATCH $database '{"metadata":{"deep":{"y":[3,null]}},"preserve":true,"colour":1}' "$manager"
is_now '{deep:{x:1,y:[2,3,null]},b:{d:0.1}}' '{list:[3]}' new
row empty PATCH $database '{"metadata":{"deep":{"y":[4]}},"preserve":false}' "$manager"
row empty PATCH /v1/databases/current '{"metadata":{"b":null}}' "$manager"
row empty PATCH $database '' "$manager"
row empty PATCH $database '{"description":null,"metadata":null,"core_config":null}' "$manager"
is_now '{deep:{x:1,y:[4]}}' '{list:[3]}' new
row empty PATCH $database '{"description":"newer"}' "$manager"
is_now '{deep:{x:1,y:[4]}}' '{list:[3]}' newer
row empty PATCH $database '{"core_config":{"list":null}}' "$manager"
is_now '{deep:{x:1,y:[4]}}' '{}' newer

# What is wrong changes nothing, not even what is right beside it.
for path in $database ${database}preview/; do
	row fields:description PATCH $path '{"description":1,"metadata":{"e":1}}' "$manager"
	row 'fields:core_config metadata preserve' PATCH $path '{"metadata":[],"core_config":"x","preserve":1}' "$manager"
	row fields:preserve PATCH $path '{"description":"x","preserve":"true"}' "$manager"
	row fields:description PATCH $path "{\"description\":\"$(printf 'x%.0s' {1..4097})\"}" "$manager"
	row WRONG_DATA_TYPE PATCH $path '{"metadata":{"a":1,"a":2}}' "$manager"
	row WRONG_DATA_TYPE PATCH $path '[]' "$manager"
	row WRONG_DATA_TYPE PATCH $path "{\"metadata\":$(printf '{"a":%.0s' {1..32})1$(printf '}%.0s' {1..32})}" "$manager"
	row DATABASE_NOT_SELECTED PATCH $path '{"description":"x"}' "$root"
	row INCORRECT_JWT_TOKEN PATCH $path '{"description":"x"}'
done
row METHOD_NOT_ALLOWED GET ${database}preview/ '' "$manager"
is_now '{deep:{x:1,y:[4]}}' '{}' newer

# Each of these two is within the limit, both together are not.
half=$(head -c 40000 /dev/zero | tr '\0' x)
row empty PATCH $database "{\"metadata\":{\"first\":\"$half\"}}" "$manager"
row empty PATCH $database "{\"core_config\":{\"list\":[\"$half\"]}}" "$manager"
for path in $database ${database}preview/; do
	row fields:metadata PATCH $path "{\"description\":\"x\",\"metadata\":{\"second\":\"$half\"}}" "$manager"
	row fields:core_config PATCH $path "{\"core_config\":{\"list\":[\"$half\"]},\"preserve\":true}" "$manager"
done
row empty PATCH $database "{\"core_config\":{\"list\":[\"$half\"]}}" "$manager"
row '.metadata | keys == ["deep","first"]' GET $database '' "$manager"
row empty PATCH $database '{"metadata":{"first":null},"core_config":{"list":null}}' "$manager"
is_now '{deep:{x:1,y:[4]}}' '{}' newer

# The organization. Its preview holds the metadata themselves.
row '. == {metadata: {}}' GET $organization '' "$root"
row '. == {metadata_old: {}, metadata_new: {a:{b:1},l:[1]}}' \
	PATCH ${organization}preview/ '{"metadata":{"a":{"b":1,"c":null},"l":[1],"n":null}}' "$root"
row '. == {metadata: {}}' GET $organization '' "$root"
row empty PATCH $organization '{"metadata":{"a":{"b":1,"c":null},"l":[1],"n":null}}' "$root"
check 'audit' equal "$(audit organization.change .outcome)" ok
row '. == {metadata: {a:{b:1},l:[1]}}' GET $organization '' "$manager"
row '. == {metadata_old: {a:{b:1},l:[1]}, metadata_new: {l:[1,2]}}' \
	PATCH ${organization}preview/ '{"metadata":{"a":null,"l":[2]},"preserve":true}' "$manager"
row '.warnings == ["unknown field: x"] and .metadata_new.l == [1]' \
	PATCH ${organization}preview/ '{"metadata":{},"x":1}' "$manager"
row empty PATCH $organization '{"metadata":{"l":[2]},"preserve":true}' "$manager"
row '. == {metadata: {a:{b:1},l:[1,2]}}' GET $organization '' "$manager"
for path in $organization ${organization}preview/; do
	row fields:metadata PATCH $path '' "$root"
	row fields:metadata PATCH $path '{"metadata":null,"preserve":true}' "$root"
	row 'fields:metadata preserve' PATCH $path '{"metadata":"x","preserve":0}' "$root"
	row INCORRECT_JWT_TOKEN PATCH $path '{"metadata":{"x":1}}'
done
row METHOD_NOT_ALLOWED DELETE $organization '' "$root"
row empty PATCH $organization "{\"metadata\":{\"first\":\"$half\"}}" "$root"
for path in $organization ${organization}preview/; do
	row fields:metadata PATCH $path "{\"metadata\":{\"second\":\"$half\"}}" "$root"
done
row empty PATCH $organization '{"metadata":{"first":null}}' "$root"
row '. == {metadata: {a:{b:1},l:[1,2]}}' GET $organization '' "$manager"

# Many at once lose nothing of each other. parallel PATH: prints how often which status came.
parallel() {
	local i pids=()
	for i in {1..16}; do
		curl -s -o "$work/parallel.$i" -w '%{http_code}\n' -X PATCH -H 'Content-Type: application/json' \
			-H "Authorization: Bearer $manager" -d "{\"metadata\":{\"p$i\":$i,\"list\":[$i]},\"preserve\":true}" \
			"$url$1" >"$work/status.$i" &
		pids+=($!)
	done
	wait "${pids[@]}"
	cat "$work"/status.* | sort | uniq -c | tr -s ' '
}
# Each its member, and the list has each once.
all='([range(1; 17) as $i | .metadata["p\($i)"] == $i] | all) and (.metadata.list | sort) == [range(1; 17)]'
for path in $database $organization; do
	check "$path at once" equal "$(parallel "$path")" ' 16 200'
	row "$all" GET "$path" '' "$manager"
done

# Another tenant has its own of both, and sees nothing of ours.
printf 'otherpassword\n' | doorward org add Other --email other@example.com >/dev/null
other=$(login_as /login/root/ '{"email":"other@example.com","password":"otherpassword"}')
row '. == {metadata: {}}' GET $organization '' "$other"
row empty PATCH $organization '{"metadata":{"theirs":1}}' "$other"
row '. == {metadata: {theirs: 1}}' GET $organization '' "$other"
row ".metadata.theirs == null and $all" GET $organization '' "$manager"
request POST /databases/ '{"name":"shop","item_id_type":"uuid","user_id_type":"uuid"}' "$other"
theirs=$(field .id)
other=$(login_as /login/individual/ \
	'{"email":"other@example.com","password":"otherpassword","db_name":"shop"}')
row empty PATCH $database '{"description":"theirs","metadata":{"theirs":1}}' "$other"
row ".id == \"$theirs\" and .metadata == {theirs:1}" GET $database '' "$other"
row ".description == \"newer\" and .metadata.theirs == null" GET $database '' "$manager"

# Records and indices agree, and a deleted database takes no change.
check 'verify' doorward verify >/dev/null
check 'audit of database.create' equal "$(audit database.create .detail)" "$theirs shop"
row empty DELETE $database '' "$other"
check 'audit of database.delete' equal "$(audit database.delete .detail)" "$theirs shop"
for path in $database ${database}preview/; do
	row DATABASE_NOT_FOUND PATCH $path '{"description":"x"}' "$other"
done

# The command's.
added=$(doorward database add copy --org Other --item-id-type uuid --user-id-type uuid --json | jq -r .id)
check 'audit of database add' equal "$(audit database.create '.address + " " + .detail')" "local $added copy"
doorward database delete copy --org Other
check 'audit of database delete' equal "$(audit database.delete '.address + " " + .detail')" "local $added copy"
check 'verify' doorward verify >/dev/null
