# The role matrix: who may do what. Every method of every endpoint must have its row, and every row an
# endpoint: a new one without a row fails, as does a row that is out of date.

new_state roles
start_server "$kind"
root=$(root_token)

#       method path                           root manager backend frontend nobody   body
matrix='
	GET    /                              200  200  200  200  200
	GET    health/                        200  200  200  200  200
	GET    authorize/                     400  400  400  400  400
	POST   login/individual/              200  200  200  200  200  {"email":"ann@example.com","password":"annpassword"}
	POST   login/service/                 200  200  200  200  200  {"name":"backend","password":"password-backend"}
	POST   login/root/                    200  200  200  200  200  {"email":"root@example.com","password":"rootpassword"}
	POST   login/refresh-token/           200  200  200  200  200  {"refresh_token":"$refresh"}
	POST   login/jwt/                     200  200  200  200  401
	POST   login/logout/                  200  200  200  200  401
	POST   accounts/individual/           200  200  403  403  401  {"email":"new-$unique@example.com"}
	PATCH  accounts/individual/           200  200  403  403  401  {"email":"ann@example.com","first_name":"A"}
	DELETE accounts/individual/           404  404  403  403  401  {"email":"nobody@example.com"}
	POST   accounts/service/              200  200  403  403  401  {"name":"new-$unique"}
	PATCH  accounts/service/              200  200  403  403  401  {"name":"spare","metadata":{}}
	DELETE accounts/service/              404  404  403  403  401  {"name":"nobody"}
	POST   accounts/service/keys/         200  200  403  403  401  {"name":"spare"}
	DELETE accounts/service/keys/<id>/    404  404  403  403  401
	GET    accounts/verify/               400  400  400  400  400
	POST   accounts/verify/               400  400  400  400  400  {}
	PUT    accounts/resend-verification-code/ 404 404 200 200 200  {"email":"nobody@example.com"}
	POST   accounts/individual/send-reset-password-email/ 200 200 200 200 200 {"email":"nobody@example.com"}
	POST   accounts/individual/reset/     400  400  400  400  400  {}
	DELETE accounts/                      403  200  200  403  401
	GET    organizations/current/         200  200  403  403  401
	PATCH  organizations/current/         200  200  403  403  401  {"metadata":{}}
	PATCH  organizations/current/preview/ 200  200  403  403  401  {"metadata":{}}
	GET    organizations/current/accounts/ 200 200  403  403  401
	GET    databases/                     200  200  200  403  401
	POST   databases/                     200  200  403  403  401  {"name":"new-$unique","item_id_type":"uuid","user_id_type":"uuid"}
	GET    databases/current/             200  200  200  403  401
	PATCH  databases/current/             200  200  403  403  401  {"metadata":{}}
	PATCH  databases/current/preview/     200  200  403  403  401  {"metadata":{}}
	DELETE databases/current/             200  200  403  403  401
	GET    databases/current/status/      200  200  200  200  401
	PUT    users/<user>/ratings/<item>/   200  200  200  200  401  {"rating":7}
	DELETE users/<user>/ratings/<item>/   404  404  404  404  401
	GET    users/<user>/ratings/          200  200  200  200  401
	PUT    users/<user>/ratings/          200  200  200  200  401  {"ratings":[]}
	DELETE users/<user>/ratings/          200  200  200  200  401
	PUT    ratings-bulk/                  200  200  200  403  401  {"ratings":[]}
	GET    ratings-bulk/                  200  200  200  403  401
	GET    recommendation/users/<user>/items/ 503 503 503 503 401
	GET    .well-known/jwks.json          200  200  200  200  200
'

row .id POST /accounts/individual/ '{"email":"ann@example.com","password":"annpassword"}' "$root"
doorward account verify ann@example.com
row .id POST /accounts/service/ '{"name":"spare"}' "$root"

# A fresh account and database for each cell, so that no cell spoils the next. Sets token and refresh.
enter() {
	local role=$1 name=$1-$unique
	token='' refresh=''
	request POST /databases/ "{\"name\":\"$name\",\"item_id_type\":\"uuid\",\"user_id_type\":\"uint8\"}" "$root"
	case $role in
	nobody) return ;;
	root)
		# login/individual/ gives the root account a token with a database
		request POST /login/individual/ "{\"email\":\"root@example.com\",\"password\":\"rootpassword\",
			\"db_name\":\"$name\"}"
		;;
	*)
		request POST /accounts/service/ "{\"name\":\"$name\",\"password\":\"a password\",\"role\":\"$role\"}" "$root"
		request POST /login/service/ "{\"name\":\"$name\",\"password\":\"a password\",\"db_name\":\"$name\"
			$([ "$role" != frontend ] || printf ',"frontend_user_id":1')}"
		;;
	esac
	token=$(field .token) refresh=$(field .refresh_token)
}

request POST /accounts/service/ '{"name":"backend","password":"password-backend","role":"backend"}' "$root"
listed=$("$build/doorward.fcgi" --endpoints | cut -f 1,2 | sort)
have=$(awk 'NF { print $1 "\t" $2 }' <<<"$matrix" | sort)
check 'every method of every endpoint has its row, and no more' equal "$have" "$listed"

item=00112233-4455-6677-8899-aabbccddeeff
unique=0
while read -r method path root_status manager backend frontend nobody data; do
	[ -n "$method" ] || continue
	for role in root manager backend frontend nobody; do
		[ "$role" = root ] && wanted=$root_status || wanted=${!role}
		unique=$((unique + 1))
		enter "$role"
		# nobody's refresh token is somebody's
		if [ "$role" = nobody ] && [ "$path" = login/refresh-token/ ]; then
			request POST /login/service/ '{"name":"backend","password":"password-backend"}'
			refresh=$(field .refresh_token)
		fi
		filled=${data//\$unique/$unique}
		called=${path#/} called=${called/<user>/1} called=${called/<item>/$item}
		request "$method" "/${called//<*>/nothing}" "${filled//\$refresh/$refresh}" "$token"
		check "$role $method $path: $status $body" equal "$status" "$wanted"
		[ "$status" != 401 ] || check 'the token is missing' is_error INCORRECT_JWT_TOKEN
		[ "$status" != 403 ] || check 'the role is not allowed' is_error ROLE_NOT_ALLOWED
	done
done <<<"$matrix"

# What --endpoints says of roles is what the matrix says.
while IFS=$'\t' read -r method path roles; do
	allowed=$(awk -v m="$method" -v p="$path" '$1 == m && $2 == p {
		if ($7 != 401) { print "anyone"; exit }
		split("root manager backend frontend", name, " ")
		for (i = 1; i <= 4; i++) if ($(i + 2) != 403) { printf "%s%s", s, name[i]; s = "," }
	}' <<<"$matrix")
	check "$method $path" equal "$roles" "$allowed"
done < <("$build/doorward.fcgi" --endpoints)
