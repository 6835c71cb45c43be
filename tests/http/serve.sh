#!/usr/bin/env bash
# ./serve itself: it starts, says how to log in, keeps its state, stops without a trace, and refuses what
# it cannot do. serve.sh [SERVER…]; the last line is "N passed, M failed".
set -uo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
build=$top
. "$top/tests/http/lib.sh"
serve_pid=
trap '[ -z "$serve_pid" ] || kill "$serve_pid" 2>/dev/null; finish' EXIT
trap 'exit 1' INT TERM

servers=("$@")
[ ${#servers[@]} -gt 0 ] || servers=(lighttpd apache apache-proxy apache-cgi nginx)
state=$work/state
# of its own, so that its processes are told from those of another ./serve
export TMPDIR=$work/tmp
mkdir -m 755 "$TMPDIR"

start() {
	port=$(free_port) url=http://127.0.0.1:$port
	# a shell starts what is in the background with SIGINT ignored; a terminal does not
	env --default-signal=INT "$top/serve" --port "$port" --state "$state" "$@" >"$work/said" 2>&1 &
	serve_pid=$!
	wait_for 300 grep -q 'Ctrl-C' "$work/said" || { cat "$work/said"; fail 'it does not start'; }
}

stop() {
	kill -s "$1" "$serve_pid"
	wait "$serve_pid"
	check "SIG$1 ends it with 0" equal $? 0
	serve_pid=
	check 'no process is left' equal "$(pgrep -fc "^$TMPDIR/")" 0
	check 'the port is free' test -z "$(curl -s "$url/health")"
}

# The README's story, word for word but for the port: its answers go to $work/told.
tell_story() {
	mkdir -p "$work/story"
	ln -sfn "$state" "$work/story/run"
	ln -sfn "$top/tests" "$work/story/tests"
	awk -v RS= '/^## Guarding/ { exit }
		on && /^    [^{]/ { gsub(/(^|\n)    /, "\n"); print }
		/^## A first story/ { on = 1 }' "$top/README.md" |
		sed "s|http://127.0.0.1:8080|$url|" >"$work/story/script"
	(cd "$work/story" && bash -eu script) >"$work/told" 2>"$work/story/complaints"
}

for server in "${servers[@]}"; do
	start --server "$server"
	password=$(cat "$state/root-password")
	check 'mode of the password' equal "$(stat -c %a "$state/root-password")" 600
	check 'it prints the URL' grep -q "$url" "$work/said"
	check 'it prints the password' grep -qF "$password" "$work/said"
	row .token POST /login/root/ "{\"email\":\"root@localhost.localdomain\",\"password\":\"$password\"}"
	first=$(sed -n '/^  curl/,/^$/p' "$work/said")
	check 'the first curl works' grep -q '"token"' <(bash -c "$first" 2>/dev/null)
	if [ "$(id -u)" = 0 ]; then
		check 'the state belongs to www-data' equal \
			"$(find "$state" ! -user www-data -print | wc -l)" 0
		[ "$server" = apache-cgi ] || check 'responders are www-data' equal \
			"$(ps -o user= -p "$(pgrep -f "^$TMPDIR/" | head -n 1)" | tr -d ' ')" www-data
	fi
	if [ "$server" = "${servers[0]}" ]; then
		check "the README's story" tell_story
		for told in '"frontend_user_id":42' '"user_ratings":\[{' '"items_id":\["0000' OTHER_USER \
			ROLE_NOT_ALLOWED 'To: .*ann@example.com' '^"manager"$' dwkey_; do
			check "the story tells $told" grep -q -- "$told" "$work/told"
		done
		[ ! -s "$work/story/complaints" ] || fail "$(cat "$work/story/complaints")"
	fi
	# a second one on the same port
	"$top/serve" --port "$port" --state "$work/other" --server "$server" >"$work/second" 2>&1
	check 'the port is taken' equal "$?" 1
	check 'and it says so' grep -q "port $port is taken" "$work/second"
	stop TERM
done

# The state was kept; Ctrl-C as from a terminal.
start
row .token POST /login/root/ "{\"email\":\"root@localhost.localdomain\",\"password\":\"$password\"}"
stop INT

# Chosen credentials, and a configuration that was there first.
state=$work/chosen
mkdir "$state"
printf '[token]\njwt_lifetime = 77\n[password]\ncost = 1\n' >"$state/doorward.conf"
export DOORWARD_ROOT_EMAIL=boss@example.com DOORWARD_ROOT_PASSWORD='a "quoted" secret'
start
row '.expires_in == 77' POST /login/root/ '{"email":"boss@example.com","password":"a \"quoted\" secret"}'
check 'kept' equal "$(cat "$state/root-password")" "$DOORWARD_ROOT_PASSWORD"
stop TERM

# refused REASON [ARGUMENT…]: it does not start, says so in one line, and changes nothing in the state.
refused() {
	local reason=$1 before
	shift
	before=$(cd "$state" && stat -c '%n %U %Y %s' . ./*)
	"$top/serve" --port "$(free_port)" --state "$state" "$@" >"$work/said" 2>&1
	check "refused: $reason" equal "$?" 1
	check "it says $reason" grep -q "$reason" "$work/said"
	check 'in one line' equal "$(wc -l <"$work/said")" 1
	check 'nothing is changed' equal "$(cd "$state" && stat -c '%n %U %Y %s' . ./*)" "$before"
}
printf '[token]\njwt_lifetyme = 60\n' >>"$state/doorward.conf"
refused 'unknown key "jwt_lifetyme"'
state=$work/weak
mkdir "$state"
printf '[password]\ncost = 1\n' >"$state/doorward.conf"
DOORWARD_ROOT_PASSWORD=short "$top/serve" --port "$(free_port)" --state "$state" >"$work/said" 2>&1
check 'a weak password' equal "$?" 1
check 'it says why' grep -q '8 bytes' "$work/said"
check 'none is kept' test ! -e "$state/root-password"
if [ "$(id -u)" = 0 ]; then
	state=$work/chosen
	sed -i /lifetyme/d "$state/doorward.conf"
	chown -R games: "$state"
	refused 'belongs to games'
	chown -R root: "$state"
	refused 'belongs to root'
fi

# Usage.
for arguments in '--port x' '--port 0' '--port 65536' '--port 99999999999999999999' '--port' '--server iis' '--state=' '--colour red' extra; do
	# shellcheck disable=SC2086
	"$top/serve" $arguments >"$work/said" 2>&1
	check "usage: $arguments" equal $? 2
done
"$top/serve" --help >"$work/said"
check 'help' grep -q '^usage' "$work/said"
totals
