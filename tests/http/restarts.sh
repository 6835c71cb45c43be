# The web server reloads its configuration, and is stopped and started, while clients write: what was
# acknowledged is there afterwards.

new_state restarts
start_server "$kind"

# Each server's own way of a graceful reload, as its service unit does it.
declare -A reload_signals=([lighttpd]=USR1 [lighttpd-pools]=USR1 [apache]=USR1 [apache-proxy]=USR1
	[apache-cgi]=USR1 [nginx]=HUP)

"$top/tests/http/restarts.py" "$port" root@example.com rootpassword "$work/enough" >"$work/written" &
writers=$!
accounts() { doorward account list --json | jq 'length'; }
# so that each of them meets writers at work
written_more() { [ "$(accounts)" -gt "$count" ]; }
for _ in 1 2 3; do
	count=$(accounts)
	check 'they write' wait_for 20 written_more
	kill -s "${reload_signals[$kind]}" "$(<"$sockets/server.pid")"
	count=$(accounts)
	check 'they go on after a reload' wait_for 20 written_more
	stop_server
	run_again "$kind"
done
count=$(accounts)
check 'they go on after a restart' wait_for 20 written_more
: >"$work/enough"
wait $writers
read -r acknowledged lost <"$work/written"
check "writes were acknowledged: $acknowledged" test "$acknowledged" -ge 10
check 'none of them is lost' equal "$lost" 0
printf '        restart: %d writes acknowledged over 3 reloads and 3 restarts of %s, %d lost\n' \
	"$acknowledged" "$kind" "$lost"
