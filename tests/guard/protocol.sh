# What the program itself answers a web server, without one: a server's configuration may be wrong, and then
# nothing must come out that could be taken for a yes.

# told FILTER VARIABLE=VALUE…: the status and the headers that say who calls, by plain CGI with these.
told() {
	local wanted=$1 got
	shift
	got=$(as_server env -i GATEWAY_INTERFACE=CGI/1.1 DOORWARD_CONF="$DOORWARD_CONF" REMOTE_ADDR=127.0.0.1 \
		SCRIPT_NAME=/ REQUEST_METHOD=GET "$@" "$DOORWARD_PROGRAM" 2>/dev/null | tr -d '\r' |
		awk '/^$/ { exit } /^Status:/ { s = $2 } tolower($1) ~ /doorward/ { t = t " " $0 } END { print s t }')
	if equal "$got" "$wanted"; then pass; else fail "$*"; fi
}

bearer="HTTP_AUTHORIZATION=Bearer $manager"
headers="X-Doorward-Account: $account_of_manager X-Doorward-Role: manager X-Doorward-Org: $organization X-Doorward-Database: $shop"
variables=$(sed 's/X-Doorward-/Variable-DOORWARD_/g; s/_Account/_ACCOUNT/; s/_Role/_ROLE/; s/_Org/_ORG/
	s/_Database/_DATABASE/' <<<"$headers")
ask=REQUEST_URI=/auth/authorize/
told "200 $headers" $ask DOORWARD_ORIGINAL_URI=/staff/x DOORWARD_ORIGINAL_METHOD=GET "$bearer"
told "200 $variables" FCGI_ROLE=AUTHORIZER REQUEST_URI=/staff/x "$bearer"
told "200 $headers" $ask DOORWARD_ORIGINAL_URI=/open/x DOORWARD_ORIGINAL_METHOD=GET "$bearer"
told 200 $ask DOORWARD_ORIGINAL_URI=/open/x DOORWARD_ORIGINAL_METHOD=GET
told 200 FCGI_ROLE=AUTHORIZER REQUEST_URI=/open/x
told 401 $ask DOORWARD_ORIGINAL_URI=/staff/x DOORWARD_ORIGINAL_METHOD=GET
told 401 FCGI_ROLE=AUTHORIZER REQUEST_URI=/staff/x

# Something is missing, or is what it cannot be.
told 400 FCGI_ROLE=AUTHORIZER "$bearer"
told 400 FCGI_ROLE=AUTHORIZER REQUEST_URI= "$bearer"
told 403 FCGI_ROLE=AUTHORIZER REQUEST_URI=/auth/health "$bearer"
told 403 FCGI_ROLE=AUTHORIZER REQUEST_URI=/ REQUEST_METHOD= "$bearer"
told 403 FCGI_ROLE=AUTHORIZER REQUEST_URI=/staffed REDIRECT_STATUS=200 "$bearer"
told 400 $ask "$bearer"
told 400 $ask DOORWARD_ORIGINAL_URI= DOORWARD_ORIGINAL_METHOD=GET "$bearer"
told 400 $ask DOORWARD_ORIGINAL_URI=/staff/x "$bearer"
told 403 REQUEST_URI=/auth/health DOORWARD_ORIGINAL_URI=/x DOORWARD_ORIGINAL_METHOD=GET "$bearer"
told 400 $ask HTTP_DOORWARD_ORIGINAL_URI=/open/x HTTP_X_ORIGINAL_URI=/open/x "$bearer"

# A client would say who calls, in whatever way a web server tells of it.
for forged in HTTP_X_DOORWARD_ROLE=root HTTP_X_DOORWARD_ROLE= HTTP_X_DOORWARD_OTHER=1 HTTP_X.DOORWARD.ROLE=root \
	HTTP_X_DOORWARD~USER=7; do
	told 400 FCGI_ROLE=AUTHORIZER REQUEST_URI=/staff/x "$bearer" "$forged"
	told 400 FCGI_ROLE=AUTHORIZER REQUEST_URI=/open/x "$forged"
	told 400 $ask DOORWARD_ORIGINAL_URI=/open/x DOORWARD_ORIGINAL_METHOD=GET "$forged"
	told 400 $ask DOORWARD_ORIGINAL_URI=/open/x DOORWARD_ORIGINAL_METHOD=GET REDIRECT_STATUS=500 "$forged"
done
for other in HTTP_X_DOORWARDED=1 HTTP_XDOORWARD_ROLE=root HTTP_DOORWARD_ROLE=root HTTP_A=HTTP_X_DOORWARD_ROLE=root; do
	told "200 $variables" FCGI_ROLE=AUTHORIZER REQUEST_URI=/staff/x "$bearer" "$other"
done
told 400 FCGI_ROLE=AUTHORIZER REQUEST_URI=/open/x REQUEST_METHOD=post
told 400 $ask DOORWARD_ORIGINAL_URI=/open/x DOORWARD_ORIGINAL_METHOD=Get

# Asked for the answer to a client it never says yes: the web server has refused already.
told 401 $ask DOORWARD_ORIGINAL_URI=/staff/x DOORWARD_ORIGINAL_METHOD=GET REDIRECT_STATUS=401
told 403 $ask DOORWARD_ORIGINAL_URI=/staff/x DOORWARD_ORIGINAL_METHOD=GET REDIRECT_STATUS=403 "$bearer"
told 503 $ask DOORWARD_ORIGINAL_URI=/staff/x DOORWARD_ORIGINAL_METHOD=GET REDIRECT_STATUS=500 "$bearer"
told 503 $ask DOORWARD_ORIGINAL_URI=/open/x DOORWARD_ORIGINAL_METHOD=GET REDIRECT_STATUS=503

# Without a policy nobody may do anything.
printf '[store]\ndirectory = %s\n[server]\nmount = /auth/\n' "$state" >"$work/without.conf"
chmod a+r "$work/without.conf"
told 403 $ask DOORWARD_ORIGINAL_URI=/open/x DOORWARD_ORIGINAL_METHOD=GET DOORWARD_CONF="$work/without.conf"
told 403 FCGI_ROLE=AUTHORIZER REQUEST_URI=/open/x DOORWARD_CONF="$work/without.conf"
# With a bad one the program does not start.
printf '[authorize]\npolicy = bad.conf\n' >>"$work/without.conf"
printf '[all]\npath = /**\nroles = any\n' >"$work/bad.conf"
chmod a+r "$work/bad.conf"
told '' FCGI_ROLE=AUTHORIZER REQUEST_URI=/open/x DOORWARD_CONF="$work/without.conf"
check 'and says why' grep -q 'bad.conf:3: unknown role "any"' < <(as_server env -i REQUEST_METHOD=GET \
	DOORWARD_CONF="$work/without.conf" "$DOORWARD_PROGRAM" 2>&1)
check 'as the command does, which says what a good one means' \
	equal "$(doorward --json policy check | jq -r '.[2] | .path + " " + .database')" "/notes/<user>/** $shop"
decide() { doorward policy test GET "$1" --role frontend --user 42 --database "$shop"; }
check 'and what it decides' equal "$(decide /files/42/x | tail -n 1)" 'allowed  yes'
check 'or refuses' equal "$(decide /files/7/x 2>&1 >/dev/null)" \
	"doorward: Do not have enough permissions to access this resource: another user's resource"
check 'or cannot tell' equal "$(doorward policy test post /open/x 2>&1 >/dev/null)" \
	'doorward: the method is ambiguous: upper and lower case'
check 'by its exit status, too' test "$(decide /files/7/x >/dev/null 2>&1; echo $?)" = 1
