# Clients that are slow, that hang up, that send what is far too large: meanwhile and afterwards the pool
# answers everybody else at once. Dead responders, and a pool that is gone: 503 in the contract's words.

new_state resilience '[log]' 'target = stderr'
start_server "$kind"
root=$(root_token)

responders() { pgrep -f "^$DOORWARD_PROGRAM" | sort | tr '\n' ' '; }
hostile() { "$top/tests/http/hostile.py" "$url" "$root" "$1"; }
# at_once WHEN: ten requests, none of which may take as long as any of the slow ones does: those go on until
# they are ended, while mod_fcgid may let others wait for some seconds.
at_once() {
	local i failed_before=$failed
	for i in {1..5}; do
		row .account POST /login/jwt/ '{}' "$root" --max-time 10
		row .token POST /login/root/ '{"email":"root@example.com","password":"rootpassword"}' '' --max-time 10
	done
	[ "$failed" = "$failed_before" ] || printf '  at %s\n' "$1"
}
# The contract's 503, from the API or the web server.
is_outage() { is_error SERVER_UNAVAILABLE >/dev/null || is_error STORE_UNAVAILABLE; }
# mod_proxy_fcgi hands a body on while it comes. The pool is well again when Apache has hung up.
holds_responders() { [[ $kind == apache-proxy && $1 == slow-@(*body|chunks) ]]; }
is_well() { for _ in 1 2 3 4 5 6; do curl -sf --max-time 0.5 "$url/health" || return; done; }
before=$(responders) processes=3
whole() { [ "$(responders | wc -w)" = "$processes" ]; }
case $kind in
apache-cgi) ;;
# starts them as they are needed
apache) check 'there is a pool' test -n "$before" ;;
lighttpd-pools) processes=6 ;;&
*) check 'the whole pool is there' whole ;;
esac

for behaviour in slow-header slow-body slow-large-body slow-chunks slow-reader; do
	"$top/tests/http/hostile.py" "$url" "$root" $behaviour >"$work/said" 2>&1 &
	hostile_pid=$!
	sleep 1 # all of them are connected, and well on their way
	holds_responders $behaviour || at_once $behaviour
	check "$behaviour goes on" kill $hostile_pid
	wait $hostile_pid 2>/dev/null
	check "well after $behaviour" wait_for 15 is_well
	at_once "the end of $behaviour"
done
for behaviour in aborted-body aborted-answer huge-header many-headers huge-path absurd-length endless-chunks; do
	check $behaviour hostile $behaviour
	at_once $behaviour
done
if [ "$kind" != apache-cgi ]; then
	# shellcheck disable=SC2086
	check 'no responder died of it' kill -0 $before
fi
# (Apache kills a CGI program that takes three seconds to end, as one may on a busy machine.)
[ "$kind" = apache-cgi ] || check 'nobody ran recovery' equal "$(grep -c 'reopening' "$sockets/error.log")" 0
check 'the store is well' equal "$(doorward verify --json | jq .wrong)" 0

# Not one of the responders gets on: who waits for them gets their answer when they do.
stopped=$(responders)
if [ -n "$stopped" ]; then
	kill -STOP $stopped
	idle=$(connections)
	curl -s -o "$work/waited" -w '%{http_code}' "$url/health" >"$work/waited.status" &
	waiting=$!
	wait_for 2 are_connected $((idle + 1)) || true # another one may have gone meanwhile
	kill -CONT $stopped
	wait $waiting
	check 'answered once they get on' equal "$(cat "$work/waited.status")" 200
	# killed while they have a request in hand
	kill -STOP $stopped
	idle=$(connections)
	curl -s -D "$work/headers" -o "$work/body" -w '%{http_code}' "$url/login/jwt/" -d '' \
		-H "Authorization: Bearer $root" >"$work/status" &
	waiting=$!
	wait_for 2 are_connected $((idle + 1)) || true
	kill -KILL $stopped
	wait $waiting
	status=$(cat "$work/status") body=$(cat "$work/body")
	if [ "$status" = 200 ]; then pass; else check 'a dead one' is_outage; fi
	check 'others take their place' wait_for 10 curl -sf "$url/health"
	[ "$kind" = apache ] || check 'as many' wait_for 10 whole
	at_once 'new responders'
fi

# The web server is there, the pool is not.
if has_own_pool "$kind"; then
	mv "$DOORWARD_SOCKET" "$DOORWARD_SOCKET.away"
	row SERVER_UNAVAILABLE POST /login/jwt/ '{}' "$root"
	row SERVER_UNAVAILABLE GET /health
	# Apache takes no error's place with another error of its own
	[ "$kind" = apache-proxy ] || row SERVER_UNAVAILABLE GET /pages/nothing
	request GET /pages/verify.html
	check 'pages need no pool' equal "$status" 200
	mv "$DOORWARD_SOCKET.away" "$DOORWARD_SOCKET"
	row .account POST /login/jwt/ '{}' "$root"
fi
