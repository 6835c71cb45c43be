# Contract section 3: accounts and their roles.

new_state accounts
start_server "$kind"
root=$(root_token)

# Making.
row '.id | type == "string"' POST /accounts/individual/ '{"email":"Ann@Example.com",
	"password":"annpassword","first_name":"Ann","last_name":"Ölçü","role":"manager",
	"metadata":{"a":[1,{"b":null}]}}' "$root"
row .id POST /accounts/individual/ '{"email":"bob@example.com","password":"bobpassword"}' "$root"
row .id POST /accounts/individual/ '{"email":"nobody@example.com"}' "$root"
row .id POST /accounts/service/ '{"name":"worker","password":"workerpassword","role":"backend"}' "$root"
row .id POST /accounts/service/ '{"name":"Worker","password":"workerpassword"}' "$root"
row .id POST /accounts/service/ '{"name":"keyless"}' "$root"
row .id POST /accounts/service/ '{"name":"bob@example.com","password":"workerpassword"}' "$root"
for email in ann@example.com ANN@EXAMPLE.COM root@example.com; do
	row DUPLICATED_ACCOUNT POST /accounts/individual/ "{\"email\":\"$email\"}" "$root"
	check 'type and key' equal "$(field '.error_data.type + " " + .error_data.key')" "account $email"
	check 'message' equal "$(field .message)" "The account $email is duplicated"
done
row DUPLICATED_ACCOUNT POST /accounts/service/ '{"name":"worker"}' "$root"

# Fields.
long=$(printf 'x%.0s' {1..260})
for email in '' x @ x@ @x 'a b@c.d' 'a@b@c' "$long@example.com" 'a\u0001@b.c' 'a\u007f@b.c' 'a\u0085@b.c'; do
	row fields:email POST /accounts/individual/ "{\"email\":\"$email\"}" "$root"
done
row .id POST /accounts/individual/ "{\"email\":\"${long:0:242}@example.com\"}" "$root"
for name in '' "$long" 'a\nb' 'a\u007f'; do
	row fields:name POST /accounts/service/ "{\"name\":\"$name\"}" "$root"
done
row .id POST /accounts/service/ "{\"name\":\"${long:0:128}\"}" "$root"
row fields:name POST /accounts/service/ "{\"name\":\"${long:0:129}\"}" "$root"
row .id POST /accounts/service/ '{"name":"日本 <&\"'"'"'>"}' "$root"
row fields:email POST /accounts/individual/ '{}' "$root"
row fields:name POST /accounts/service/ '' "$root"
for role in root owner Manager ''; do
	row fields:role POST /accounts/service/ "{\"name\":\"x\",\"role\":\"$role\"}" "$root"
	row fields:role PATCH /accounts/service/ "{\"name\":\"worker\",\"role\":\"$role\"}" "$root"
done
row fields:first_name POST /accounts/individual/ "{\"email\":\"x@y.z\",\"first_name\":\"$long\"}" "$root"

# Passwords: 8 to 512 bytes, not one's own name, none of the most common ones.
p512=$(printf 'p%.0s' {1..512})
for password in short 1234567 '' "${p512}p"; do
	row fields:password POST /accounts/service/ "{\"name\":\"x\",\"password\":\"$password\"}" "$root"
	row fields:password PATCH /accounts/service/ "{\"name\":\"worker\",\"password\":\"$password\"}" "$root"
done
for password in password 12345678 Password123 QWERTYUIOP; do
	for method in POST PATCH; do
		row fields:password $method /accounts/service/ \
			"{\"name\":\"worker\",\"password\":\"$password\"}" "$root"
		check 'why' equal "$(field '.error_data.query.password[0]')" \
			'is one of the most common passwords: choose another'
		row fields:password $method /accounts/individual/ \
			"{\"email\":\"ann@example.com\",\"password\":\"$password\"}" "$root"
	done
done
row fields:password POST /accounts/service/ '{"name":"myownname","password":"MyOwnName"}' "$root"
row fields:password POST /accounts/individual/ '{"email":"own@name.com","password":"own@name.com"}' "$root"
row .id POST /accounts/service/ "{\"name\":\"p512\",\"password\":\"$p512\",\"role\":\"backend\"}" "$root"
row .token POST /login/service/ "{\"name\":\"p512\",\"password\":\"$p512\"}"
row INCORRECT_PASSWORD POST /login/service/ "{\"name\":\"p512\",\"password\":\"${p512:1}\"}"
row INCORRECT_PASSWORD POST /login/service/ "{\"name\":\"p512\",\"password\":\"${p512:1}q\"}"

# Listing, under both paths.
for path in /organizations/current/accounts/ /organizations/accounts/; do
	row '.individual_accounts[] | select(.email == "Ann@Example.com") | .first_name == "Ann" and
		.last_name == "Ölçü" and .role == "manager" and .verified == false and
		.metadata == {"a":[1,{"b":null}]} and (.id | type) == "string"' GET $path '' "$root"
	row '[.individual_accounts[] | select(.role == "root") | .email] == ["root@example.com"]' \
		GET $path '' "$root"
	row '.service_accounts[] | select(.name == "Worker") | .role == "frontend" and .keys == [] and
		.metadata == {}' GET $path '' "$root"
	row '[.individual_accounts[] | select(.email == "bob@example.com") | .role] == ["backend"]' \
		GET $path '' "$root"
	check 'no hash is shown' equal "$(grep -c '\$y\$' "$work/body")" 0
done

# Verification by the operator; then Ann, a manager, can log in.
row ACCOUNT_NOT_VERIFIED POST /login/individual/ '{"email":"ann@example.com","password":"annpassword"}'
row INCORRECT_PASSWORD POST /login/individual/ '{"email":"ann@example.com","password":"annpasswordx"}'
row INCORRECT_PASSWORD POST /login/individual/ '{"email":"nobody@example.com","password":"nobodypassword"}'
doorward account verify ann@example.com
ann_login='{"email":"ANN@example.com","password":"annpassword"}'
ann=$(login_as /login/individual/ "$ann_login")
row '.account.role == "manager"' POST /login/jwt/ '{}' "$ann"

# The root account: changed by itself only, never demoted, never deleted.
row ROOT_ACCOUNT DELETE /accounts/individual/ '{"email":"root@example.com"}' "$root"
row ROOT_ACCOUNT DELETE /accounts/individual/ '{"email":"root@example.com"}' "$ann"
row ROOT_ACCOUNT PATCH /accounts/individual/ '{"email":"root@example.com","role":"manager"}' "$root"
row ROOT_ACCOUNT PATCH /accounts/individual/ '{"email":"root@example.com","role":"manager"}' "$ann"
row ROOT_ACCOUNT PATCH /accounts/individual/ '{"email":"root@example.com","password":"annpassword"}' "$ann"
row ROOT_ACCOUNT PATCH /accounts/individual/ '{"email":"ROOT@example.com","first_name":"X"}' "$ann"
row empty PATCH /accounts/individual/ '{"email":"root@example.com","first_name":"Ruth"}' "$root"
row '.individual_accounts[] | select(.role == "root") | .first_name == "Ruth"' \
	GET /organizations/current/accounts/ '' "$root"
row .token POST /login/root/ '{"email":"root@example.com","password":"rootpassword"}'

# Changing: what is not named stays.
row empty PATCH /accounts/individual/ '{"email":"bob@example.com","last_name":"B","metadata":{"x":1}}' "$ann"
row empty PATCH /accounts/individual/ '{"email":"BOB@example.com"}' "$ann"
row '.individual_accounts[] | select(.email == "bob@example.com") | .last_name == "B" and
	.role == "backend" and .metadata == {"x":1}' GET /organizations/current/accounts/ '' "$ann"
row ACCOUNT_NOT_FOUND PATCH /accounts/individual/ '{"email":"stranger@example.com"}' "$root"
check 'type and key' equal "$(field '.error_data.type + " " + .error_data.key')" 'account stranger@example.com'
row ACCOUNT_NOT_FOUND PATCH /accounts/service/ '{"name":"WORKER"}' "$root"

# A change takes effect at once. A new password and another role end the sessions, a new name does not.
session() { request POST /login/service/ "$1"; token=$(field .token) refresh=$(field .refresh_token); }
worker='{"name":"worker","password":"workerpassword"}'
for change in '"password":"otherpassword"' '"role":"manager"'; do
	session "$worker"
	row empty PATCH /accounts/service/ '{"name":"worker","metadata":{"y":2}}' "$root"
	row empty PATCH /accounts/service/ '{"name":"worker","role":"backend"}' "$root"
	row .account POST /login/jwt/ '{}' "$token"
	row empty PATCH /accounts/service/ "{\"name\":\"worker\",$change}" "$root"
	row INCORRECT_JWT_TOKEN POST /login/jwt/ '{}' "$token"
	check revoked equal "$(field .error_data.error)" 'the JWT token is revoked'
	row INCORRECT_REFRESH_TOKEN POST /login/refresh-token/ "{\"refresh_token\":\"$refresh\"}"
	row empty PATCH /accounts/service/ \
		'{"name":"worker","password":"workerpassword","role":"backend"}' "$root"
	row INCORRECT_JWT_TOKEN POST /login/jwt/ '{}' "$token"
done
session "$worker"
printf 'workerpassword\n' | doorward account passwd worker
row INCORRECT_JWT_TOKEN POST /login/jwt/ '{}' "$token"
session "$worker"
doorward session revoke --account worker
row INCORRECT_JWT_TOKEN POST /login/jwt/ '{}' "$token"
session "$worker"
id=$(doorward session list --account worker --json | jq -r 'max_by(.created).id')
doorward session revoke "$id"
check 'it is gone' equal "$(doorward session list --json | jq "[.[] | select(.id == \"$id\")] | length")" 0
check 'a second time there is none' equal "$(doorward session revoke "$id" 2>&1)" 'doorward: there is no such session'

# Deleting.
session "$worker"
row empty DELETE /accounts/service/ '{"name":"worker"}' "$root"
row INCORRECT_JWT_TOKEN POST /login/jwt/ '{}' "$token"
row ACCOUNT_NOT_FOUND POST /login/refresh-token/ "{\"refresh_token\":\"$refresh\"}"
check 'its name as key' equal "$(field .error_data.key)" worker
row INCORRECT_PASSWORD POST /login/service/ "$worker"
row ACCOUNT_NOT_FOUND DELETE /accounts/service/ '{"name":"worker"}' "$root"
row .id POST /accounts/service/ '{"name":"worker","password":"workerpassword","role":"backend"}' "$root"
row INCORRECT_JWT_TOKEN POST /login/jwt/ '{}' "$token"

# One's own account.
session "$worker"
row empty DELETE /accounts/ '' "$token"
row INCORRECT_JWT_TOKEN DELETE /accounts/ '' "$token"
row ACCOUNT_NOT_FOUND PATCH /accounts/service/ '{"name":"worker"}' "$root"
request POST /login/individual/ "$ann_login"
refresh=$(field .refresh_token)
row empty DELETE /accounts/ '' "$ann"
row ACCOUNT_NOT_FOUND POST /login/refresh-token/ "{\"refresh_token\":\"$refresh\"}"
check 'its email as key' equal "$(field .error_data.key)" Ann@Example.com
row ROLE_NOT_ALLOWED DELETE /accounts/ '' "$root"

# Another organization's accounts are not there, but their names are taken.
printf 'otherpassword\n' | doorward org add Other --email other@example.com >/dev/null
other=$(login_as /login/root/ '{"email":"other@example.com","password":"otherpassword"}')
row '.individual_accounts | length == 1' GET /organizations/current/accounts/ '' "$other"
row ACCOUNT_NOT_FOUND PATCH /accounts/individual/ '{"email":"bob@example.com","role":"frontend"}' "$other"
row ACCOUNT_NOT_FOUND DELETE /accounts/individual/ '{"email":"bob@example.com"}' "$other"
row ACCOUNT_NOT_FOUND DELETE /accounts/individual/ '{"email":"root@example.com"}' "$other"
row DUPLICATED_ACCOUNT POST /accounts/individual/ '{"email":"bob@example.com"}' "$other"
