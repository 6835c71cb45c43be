# What the HTTP tests share: a server on a free port with a state of its own, requests by curl, and rows
# that say what the answer must be. Sourced by run and serve.sh; expects top and build.

. "$top/etc/functions.sh"
. "$top/etc/servers.sh"

# jq 1.6 takes 20 ms to start, which is most of a row; gojq takes 3.
jq() { gojq "$@"; }

passed=0 failed=0
work=$(mktemp -d "${TMPDIR:-/tmp}/doorward-http.XXXXXX")
chmod 755 "$work"
server_pid=

pass() { passed=$((passed + 1)); }

# Names the row that called, wherever it stands.
fail() {
	local depth=1
	while [[ ${BASH_SOURCE[depth]} == */lib.sh ]]; do depth=$((depth + 1)); done
	failed=$((failed + 1))
	printf 'FAIL %s:%s: %s\n' "${BASH_SOURCE[depth]##*/}" "${BASH_LINENO[depth - 1]}" "$*"
}

# check DESCRIPTION COMMAND…: passes when the command does.
check() {
	local what=$1
	shift
	if "$@"; then pass; else fail "$what"; fi
}

equal() { [ "$1" = "$2" ] || { printf '  "%s" is not "%s"\n' "$1" "$2"; return 1; }; }

finish() {
	stop_server
	[ -z "${asker-}" ] || kill "$asker"
	rm -rf "$work"
}

totals() {
	printf '%d passed, %d failed\n' "$passed" "$failed"
	[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
}

# The admin command on the present state.
doorward() { "$build/doorward" --config "$state/doorward.conf" "$@"; }

# new_state NAME LINE…: a fresh state whose configuration has these lines. Cheap hashes, for speed, and
# no throttle, for the many failures, unless the variable throttle is set. The variable algorithm says
# what signs JWTs; without it, what does by default.
new_state() {
	state=$work/$1
	shift
	mkdir "$state"
	printf '[password]\ncost = 1\n' >"$state/doorward.conf"
	[ -n "${throttle-}" ] || printf '[throttle]\nenabled = false\n' >>"$state/doorward.conf"
	[ -z "${algorithm-}" ] || printf '[token]\nalgorithm = %s\n' "$algorithm" >>"$state/doorward.conf"
	[ $# = 0 ] || printf '%s\n' "$@" >>"$state/doorward.conf"
	[ "$(id -u)" != 0 ] || chown -R www-data: "$state"
	printf 'rootpassword\n' | doorward init --email root@example.com >/dev/null
}

# start_server KIND [PROGRAM]: serves the present state, below the path mount when that is set. Sets port,
# url and server_pid.
start_server() {
	local user=
	sockets=$work/sockets.$RANDOM
	mkdir -p "$sockets"
	export DOORWARD_PROGRAM=${2:-$build/doorward.fcgi} DOORWARD_CONF=$state/doorward.conf
	export DOORWARD_ERRORS=$top/etc/errors DOORWARD_PAGES=$top/pages DOORWARD_POOL=${pool:-3}
	if [ "$(id -u)" = 0 ]; then
		user=www-data
		install -m 755 -Dt "$work/bin" "$DOORWARD_PROGRAM" "$build/doorward"
		DOORWARD_PROGRAM=$work/bin/${DOORWARD_PROGRAM##*/}
		cp -r "$DOORWARD_ERRORS" "$DOORWARD_PAGES" "$sockets"
		DOORWARD_ERRORS=$sockets/errors DOORWARD_PAGES=$sockets/pages
		chmod -R a+rX "$sockets"
	fi
	set_server_names "$sockets" "${mount-}"
	port=$(free_port) url=http://127.0.0.1:$port${mount-}
	export DOORWARD_URL=$url/
	write_server "$1" "$port" "$sockets" "$user" >"$sockets/server.conf"
	run_again "$1"
}

# run_again KIND: the server that start_server wrote, at the same port.
run_again() {
	local user=
	[ "$(id -u)" != 0 ] || user=www-data
	(
		[ -z "${asker-}" ] || exec {asker_in}>&- {asker_out}<&-
		run_server "$1" "$sockets/server.conf" "$sockets" "$user"
	) >"$sockets/output" 2>&1 &
	server_pid=$!
	wait_for 20 curl -sf "$url/health" || { cat "$sockets/output" "$sockets/error.log"; exit 1; }
}

stop_server() {
	[ -n "$server_pid" ] || return 0
	kill "$server_pid" 2>/dev/null || true
	wait "$server_pid" 2>/dev/null || true
	server_pid=
	wait_for 15 responders_are_gone || fail 'responders outlive the server'
	# of a build with sanitizers, what they found
	if grep -qE 'Sanitizer|runtime error' "$sockets/error.log" "$sockets/output"; then
		fail "$(grep -hE -A 12 'Sanitizer|runtime error' "$sockets/error.log" "$sockets/output")"
	fi
}
responders_are_gone() { ! pgrep -f "^$DOORWARD_PROGRAM" >/dev/null; }

# connections: how many the server has. are_connected N: at least so many.
connections() { awk -v port="$(printf ':%04X' "$port")" '$4 == "01" && index($2, port)' /proc/net/tcp | wc -l; }
are_connected() { [ "$(connections)" -ge "$1" ]; }

# Appends the last exchange to the file that the variable record names: where, method, path, request body,
# status, headers, body, each ended by NUL. A body that curl takes from a file or an option is "@".
record_exchange() {
	local depth=1 data=$3 said=$body
	while [[ ${BASH_SOURCE[depth]} == */lib.sh ]]; do depth=$((depth + 1)); done
	case "$data ${*:4}" in @* | *'-d '* | *'--data'*) data=@ ;; esac
	[ "$1" != HEAD ] || said= # curl has put the headers there
	printf '%s\0' "${BASH_SOURCE[depth]##*/}:${BASH_LINENO[depth - 1]}" "$1" "$2" "$data" "$status" \
		"$(<"$work/headers")" "$said" >>"$record"
}

# A curl that stays, for all requests without options of their own. Nobody else may have its pipes: it ends
# with this shell.
start_asker() {
	mkfifo "$work/ask" "$work/told"
	"$top/tests/http/asker.py" "$work/headers" "$work/body" <"$work/ask" >"$work/told" &
	asker=$!
	exec {asker_in}>"$work/ask" {asker_out}<"$work/told"
}

# request METHOD PATH [BODY [TOKEN [CURL OPTION…]]]: sets status and body; headers go to $work/headers.
# The body "" is none. The content type is JSON unless an option says otherwise.
request() {
	local method=$1 path=$2 data=${3-} token=${4-}
	shift $(($# < 4 ? $# : 4))
	if [ -n "${asker-}" ] && [ $# = 0 ] && [ "$method" != HEAD ] && [[ $data != @* ]]; then
		printf '%s\0' "$method" "$url$path" "$data" "$token" >&"$asker_in"
		read -r status <&"$asker_out"
	else
		request_anew "$@"
	fi
	{ body=$(<"$work/body"); } 2>/dev/null # which complains of NUL bytes
	[ -z "${record-}" ] || record_exchange "$method" "$path" "$data" "$@"
}
# By a curl of its own; uses the variables of request.
request_anew() {
	local arguments=(-s --path-as-is -o "$work/body" -D "$work/headers" -w '%{http_code}')
	if [ "$method" = HEAD ]; then arguments+=(-I); else arguments+=(-X "$method"); fi
	[ -z "$data" ] || arguments+=(-H 'Content-Type: application/json' --data-binary "$data")
	[ -z "$token" ] || arguments+=(-H "Authorization: Bearer $token")
	: >"$work/body"
	status=$(curl "${arguments[@]}" "$@" "$url$path") || true
}

# Runs a command as the one whom the state belongs to.
as_owner() { if [ "$(id -u)" = 0 ]; then setpriv --reuid www-data --regid www-data --clear-groups "$@"; else "$@"; fi; }

# cgi PROGRAM METHOD URI [BODY [NAME=VALUE…]]: a plain CGI program's answer.
cgi() {
	local program=$1 method=$2 uri=$3 data=${4-}
	shift $(($# < 4 ? $# : 4))
	printf '%s' "$data" | as_owner env -i DOORWARD_CONF="$state/doorward.conf" GATEWAY_INTERFACE=CGI/1.1 \
		REQUEST_METHOD="$method" REQUEST_URI="$uri" CONTENT_TYPE=application/json \
		CONTENT_LENGTH=${#data} "$@" "$program"
}

# says TEXT PATTERN
says() { grep -q "$2" <<<"$1" || { printf '  %s\n' "$1"; return 1; }; }

# The values of the last answer's header of a name; by the shell alone, since every row looks at some.
header() {
	local line value
	while IFS= read -r line; do
		[[ ${line,,} == "${1,,}":* ]] || continue
		value=${line#*:} value=${value%$'\r'}
		printf '%s\n' "${value#"${value%%[! ]*}"}"
	done <"$work/headers"
}
has_header() {
	local all=$'\n'$(<"$work/headers")
	[[ ${all,,} == *$'\n'"${1,,}":* ]]
}
field() { jq -r "$1" "$work/body"; }
holds() { jq -e "$1" "$work/body" >/dev/null; }

# The contract's table: name, status, code and name of the error.
declare -A errors=(
	[SERVER_ERROR]='500 0 ServerError'
	[RATE_LIMIT_OVERFLOW]='429 2 TooManyRequests'
	[DATABASE_NOT_READY]='503 1 ServerUnavailable'
	[STORE_UNAVAILABLE]='503 1 ServerUnavailable'
	[SERVER_UNAVAILABLE]='503 1 ServerUnavailable'
	[INCORRECT_PASSWORD]='401 21 AuthError'
	[ACCOUNT_NOT_VERIFIED]='401 21 AuthError'
	[INCORRECT_JWT_TOKEN]='401 21 AuthError'
	[EXPIRED_JWT_TOKEN]='401 22 JwtTokenExpired'
	[ACTIVATION_CODE_DOES_NOT_MATCH]='401 21 AuthError'
	[RESET_CODE_DOES_NOT_MATCH]='401 21 AuthError'
	[ACCOUNT_ALREADY_VERIFIED]='401 21 AuthError'
	[INCORRECT_REFRESH_TOKEN]='401 21 AuthError'
	[REFRESH_TOKEN_EXPIRED]='401 28 RefreshTokenExpired'
	[WRONG_DATA_TYPE]='400 40 WrongData'
	[TOO_LARGE]='413 40 WrongData'
	[DATABASE_NOT_SELECTED]='400 40 WrongData'
	[DUPLICATED_ACCOUNT]='400 42 DuplicatedError'
	[DUPLICATED_DB_NAME]='400 42 DuplicatedError'
	[DUPLICATED_USER_RATING]='400 42 DuplicatedError'
	[ROLE_NOT_ALLOWED]='403 50 ForbiddenError'
	[ROOT_ACCOUNT]='403 50 ForbiddenError'
	[OTHER_USER]='403 50 ForbiddenError'
	[ACCOUNT_NOT_FOUND]='404 60 NotFoundError'
	[DATABASE_NOT_FOUND]='404 60 NotFoundError'
	[KEY_NOT_FOUND]='404 60 NotFoundError'
	[USER_RATING_NOT_FOUND]='404 60 NotFoundError'
	[ENDPOINT_NOT_FOUND]='404 60 NotFoundError'
	[METHOD_NOT_ALLOWED]='405 70 MethodNotAllowed'
)

# What error_data.name says where a row's name is another, so that each row has one word.
declare -A data_names=([EXPIRED_JWT_TOKEN]=INCORRECT_JWT_TOKEN [TOO_LARGE]=WRONG_DATA_TYPE
	[METHOD_NOT_ALLOWED]=null [SERVER_ERROR]=null)

# Whether the last answer is this error: status, code, name, message, data, headers.
is_error() {
	local wanted="${errors[$1]} ${data_names[$1]-$1} string object" got
	got="$status $(jq -r '[.error_code, .error_name, .error_data.name // "null", (.message, .error_data | type)] |
		join(" ")' "$work/body" 2>/dev/null)"
	equal "$got" "$wanted" || { printf '  %s\n' "$body"; return 1; }
	has_header_of "$status"
}

# The headers that the contract asks for with a status.
has_header_of() {
	case $1 in
	401) [[ $(header WWW-Authenticate) == Bearer* ]] ;;
	405) has_header Allow ;;
	429 | 503) has_header Retry-After ;;
	esac
}

# Whether the last answer names exactly these fields as wrong: "email password".
is_fields() {
	equal "$status $(jq -r '[.error_code, (.error_data.query | keys | join(" ")),
		([.error_data.query[] | type == "array" and length > 0 and all(.[]; type == "string")] | all)] |
		join(" ")' "$work/body" 2>/dev/null)" "400 40 $1 true" || { printf '  %s\n' "$body"; return 1; }
}

is_empty() { equal "$status" 200 && [ ! -s "$work/body" ] && ! has_header Content-Type; }

# row EXPECTED METHOD PATH [BODY [TOKEN [CURL OPTION…]]]: one request and what it must give.
#   NAME          that error of the table above
#   fields:A B    WrongData for exactly these fields
#   empty         success with nothing to say
#   refused       400 or 404, in whatever words
#   FILTER        success, JSON, and this jq filter holds
row() {
	local expected=$1
	shift
	if refuses_path "${kind-}" "$2"; then expected=refused; fi
	request "$@"
	if judge "$expected"; then
		pass
		return
	fi
	fail "$expected: $1 $2 ${3-}"
	[ "$status" != 503 ] || tail -n 5 "$sockets/error.log" # why no responder answered
}

# Paths that a server refuses before it knows whose they are: those that lead out of the root; and, on a
# host where nobody may tell Apache otherwise, broken escapes, NULs and encoded slashes.
refuses_path() {
	local path=${2%%\?*} broken='%([^0-9a-fA-F]|.[^0-9a-fA-F]|.?$)'
	case $1 in
	nginx | apache-cgi) [[ ${path//%2e/.} == */../../* ]] && return ;;
	esac
	[ "$1" = apache-cgi ] && [[ $path =~ $broken || $path == *%00* || ${path,,} == *%2f* ]]
}

judge() {
	if [ "$1" = refused ]; then
		[[ $status == 40[04] ]]
		return
	fi
	equal "$(header Cache-Control)" no-store || return 1
	case $1 in
	fields:*) is_fields "${1#fields:}" ;;
	empty) is_empty ;;
	[A-Z]*_*) is_error "$1" ;;
	*)
		equal "$status $(header Content-Type)" '200 application/json' ||
			{ printf '  %s\n' "$body"; return 1; }
		holds "$1" || { printf '  %s\n' "$body"; return 1; }
		;;
	esac
}

# Logs in and prints one member of the answer: login_as PATH BODY [MEMBER]
login_as() {
	request POST "$1" "$2"
	field ".${3:-token}"
}

# The audit trail's last line of an event, as jq sees it: audit EVENT FILTER
audit() { jq -rs "map(select(.event == \"$1\")) | last | $2" "$state/audit.log"; }

# mail_link EMAIL NUMBER: the link in the NUMBERth mail to an address, once it is there.
mail_link() { "$top/tests/http/mail.py" "$state/mail/new" "$1" "$2"; }

# One member of a link's query.
in_link() { python3 -c 'import sys, urllib.parse as u
print(u.parse_qs(u.urlsplit(sys.argv[1]).query)[sys.argv[2]][0])' "$1" "$2"; }

root_token() { login_as /login/root/ '{"email":"root@example.com","password":"rootpassword"}'; }
