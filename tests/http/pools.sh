# Two pools: however many log in with a password, renewals and everything else find a responder.

new_state pools
start_server lighttpd-pools
root=$(root_token)
row .id POST /accounts/service/ '{"name":"web","password":"webpassword","role":"backend"}' "$root"
login='{"name":"web","password":"webpassword"}'
refresh=$(login_as /login/service/ "$login" refresh_token)

# pool NAME: the responders of a pool
pool() {
	local pid inodes
	# lighttpd gives each process a socket, NAME.socket-0 and so on
	inodes=$(awk -v path="$DOORWARD_SOCKETS/$1.socket" 'index($NF, path) { print "socket:[" $7 "]" }' /proc/net/unix)
	for pid in $(pgrep -f "^$DOORWARD_PROGRAM"); do
		[[ $inodes != *"$(readlink "/proc/$pid/fd/0")"* ]] || printf '%s ' "$pid"
	done
}
passwords=$(pool passwords)
others=$(pool doorward)
check 'as many in either' equal "$(wc -w <<<"$passwords") $(wc -w <<<"$others")" '3 3'

log_in_40_times() {
	for _ in {1..40}; do
		curl -s -o /dev/null "$url/login/service/" -H 'Content-Type: application/json' -d "$login" &
		flood+=($!)
	done
}

# Each way of writing such a path, while none of the responders for passwords gets on: it waits for them.
# shellcheck disable=SC2086
kill -STOP $passwords
flood=()
for path in /login/service/ /login/service /v1/login/service/ /login/%73ervice/ /%6cogin/service /v1/login/servic%65; do
	curl -s --path-as-is -o "$work/flood.${#flood[@]}" -w '%{http_code}\n' "$url$path" \
		-H 'Content-Type: application/json' -d "$login" >>"$work/flood.statuses" &
	flood+=($!)
done
log_in_40_times
check 'all of them are on their way' wait_for 10 are_connected 46
for _ in {1..10}; do
	row .token POST /login/refresh-token/ "{\"refresh_token\":\"$refresh\"}" '' --max-time 2
	row .account POST /login/jwt/ '' "$root" -H 'Content-Length: 0' --max-time 2
done
check 'none got through' test ! -s "$work/flood.statuses"
# shellcheck disable=SC2086
kill -CONT $passwords
wait "${flood[@]}"
check 'all do in the end' equal "$(sort "$work/flood.statuses" | uniq -c | xargs)" '6 200'

# And while they are busy, with hashes that take long: the first login makes such a one of the account's.
stop_server
sed -i 's/^cost.*/cost = 8/' "$state/doorward.conf"
start_server lighttpd-pools
flood=()
row .token POST /login/service/ "$login"
log_in_40_times
check 'a flood' wait_for 10 are_connected 20
for _ in {1..3}; do
	row .token POST /login/refresh-token/ "{\"refresh_token\":\"$refresh\"}" '' --max-time 2
done
running() { local pid; for pid in "${flood[@]}"; do ! kill -0 "$pid" 2>/dev/null || return 0; done; return 1; }
check 'the flood goes on' running
wait "${flood[@]}"
