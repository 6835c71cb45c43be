# What is about processes: signals, one endpoint alone, plain CGI, configuration errors, new hashes.

new_state processes
pool=1
start_server "$kind"
unset pool
root=$(root_token)

responder() { pgrep -f "^$DOORWARD_PROGRAM" | head -n 1; }

# The watchdog's alarm while a request arrives: it is answered all the same. Once it is answered, the process
# is free for the next one, also when the web server has not closed its connection.
if [ "$kind" = lighttpd ]; then
	check 'a signal before the first byte' says \
		"$("$top/tests/http/webserver.py" "$DOORWARD_SOCKETS/doorward.socket-0" late "$(responder)" SIGALRM)" '"ok"'
	for held in get post authorizer; do
		check "free after $held" says \
			"$("$top/tests/http/webserver.py" "$DOORWARD_SOCKETS/doorward.socket-0" holds $held 2>&1)" '"ok"'
	done
fi

# SIGTERM and SIGUSR1: the process ends by itself; another is started when it is needed. (Plain CGI has none
# that stays.)
signals='TERM USR1'
[ "$kind" != apache-cgi ] || signals=
for signal in $signals; do
	row .account POST /login/jwt/ '{}' "$root"
	pid=$(responder)
	kill -s $signal "$pid"
	ended() { ! kill -0 "$pid" || grep -q 'State:.Z' "/proc/$pid/status"; }
	check "SIG$signal ends it" wait_for 5 ended
	check 'another one serves' wait_for 10 curl -sf "$url/health"
	row .account POST /login/jwt/ '{}' "$root"
done
check 'nobody ran recovery' equal "$(grep -c 'reopening' "$sockets/error.log")" 0

# A signal during a request: it is finished first. The hash of a login is the longest request there is.
stop_server
sed -i 's/^cost.*/cost = 8/' "$state/doorward.conf"
pool=1 start_server "$kind"
slow() { curl -s -o "$work/slow" -w '%{http_code}' "$url/login/root/" -H 'Content-Type: application/json' \
	-d '{"email":"root@example.com","password":"wrongpassword"}' -H 'X-Slow: 1'; }
slow >"$work/slow.status" 2>&1 &
slow_pid=$!
is_busy() { [ "$(awk '{ print $3 }' "/proc/$(responder)/stat")" = R ]; }
if wait_for 5 is_busy 2>/dev/null; then kill -TERM "$(responder)"; fi
wait $slow_pid
check 'the request in hand is answered' equal "$(cat "$work/slow.status")" 401
stop_server

# A login rewrites a hash that is cheaper than configured, once, and no session ends by it.
sed -i 's/^cost.*/cost = 2/' "$state/doorward.conf"
start_server "$kind"
row .token POST /login/root/ '{"email":"root@example.com","password":"rootpassword"}'
row .token POST /login/root/ '{"email":"root@example.com","password":"rootpassword"}'
row .account POST /login/jwt/ '{}' "$root"
stop_server
as_owner db5.3_checkpoint -1 -h "$state/store"
check 'the hash has the new cost' equal "$(db5.3_dump -p "$state/store/account.db" | grep -c '\$y\$j85\$')" 1

# Under an endpoint's name, a program serves that endpoint alone.
check 'as many names as endpoints' equal "$("$build/doorward.fcgi" --names | sort -u | wc -l)" \
	"$("$build/doorward.fcgi" --endpoints | cut -f 2 | sort -u | wc -l)"

ln "$DOORWARD_PROGRAM" "$work/login-root.fcgi"
body='{"email":"root@example.com","password":"rootpassword"}'
check 'its endpoint' says "$(cgi "$work/login-root.fcgi" POST /login/root/ "$body")" '"token"'
check 'another endpoint' says "$(cgi "$work/login-root.fcgi" GET /health)" '^Status: 404'
check 'by its own URL' says "$(cgi "$work/login-root.fcgi" POST /cgi-bin/login-root.fcgi "$body" \
	SCRIPT_NAME=/cgi-bin/login-root.fcgi)" '"token"'

# Plain CGI with the whole program, by its own URL and with the header as Apache renames it.
script=SCRIPT_NAME=/cgi-bin/doorward.fcgi
check 'health' says "$(cgi "$DOORWARD_PROGRAM" GET /health)" '"ok"'
check 'below itself' says "$(cgi "$DOORWARD_PROGRAM" GET /cgi-bin/doorward.fcgi/v1/health/ '' $script)" '"ok"'
check 'itself' says "$(cgi "$DOORWARD_PROGRAM" GET /cgi-bin/doorward.fcgi '' $script)" Welcome
check 'not beside itself' says "$(cgi "$DOORWARD_PROGRAM" GET /cgi-bin/doorward.fcgix/health '' $script)" '^Status: 404'
check 'a bearer token' says "$(cgi "$DOORWARD_PROGRAM" POST /login/jwt/ '' "HTTP_AUTHORIZATION=Bearer $root")" '"root"'
check 'renamed' says "$(cgi "$DOORWARD_PROGRAM" POST /login/jwt/ '' "REDIRECT_HTTP_AUTHORIZATION=Bearer $root")" '"root"'
check 'a large body' says "$(cgi "$DOORWARD_PROGRAM" POST /login/root/ "$(printf '%70000s' '')")" '^Status: 413'
check 'HEAD' equal "$(cgi "$DOORWARD_PROGRAM" HEAD /health | sed '1,/^\r$/d' | wc -c)" 0
printf '#!/bin/sh\nexec %s --endpoints\n' "$DOORWARD_PROGRAM" >"$work/with-arguments"
chmod 755 "$work/with-arguments"
check 'a query is no question' says "$(cgi "$work/with-arguments" GET '/health?--endpoints')" '"ok"'
check 'a killed responder' says "$(cgi "$DOORWARD_PROGRAM" GET /unavailable '' REDIRECT_STATUS=500)" '^Status: 503'
check 'and its name' says "$(cgi "$DOORWARD_PROGRAM" GET /unavailable '' REDIRECT_STATUS=500)" '"SERVER_UNAVAILABLE"'

# Below a mount.
printf '[server]\nmount = /auth/\n' >>"$state/doorward.conf"
check 'mounted' says "$(cgi "$DOORWARD_PROGRAM" GET /auth/v1/health)" '"ok"'
check 'the mount' says "$(cgi "$DOORWARD_PROGRAM" GET /auth)" Welcome
check 'outside' says "$(cgi "$DOORWARD_PROGRAM" GET /health)" '^Status: 404'

# A wrong configuration refuses to start, and says where.
printf 'colour = red\n' >>"$state/doorward.conf"
said=$(cgi "$DOORWARD_PROGRAM" GET /auth/health 2>&1)
check 'it does not start' test $? = 1
check 'it names file and line' says "$said" "$state/doorward.conf:$(wc -l <"$state/doorward.conf"): unknown key \"colour\" in section \[server\]"
sed -i '/colour/d' "$state/doorward.conf"

# A store that cannot be used is 503, for everybody, and the process lives on.
mv "$state/store" "$state/store.away"
printf x >"$state/store"
check 'health' says "$(cgi "$DOORWARD_PROGRAM" GET /auth/health 2>"$work/said")" '^Status: 503'
check 'login' says "$(cgi "$DOORWARD_PROGRAM" POST /auth/login/root/ "$body" 2>/dev/null)" '^Status: 503'
check 'a token' says "$(cgi "$DOORWARD_PROGRAM" POST /auth/login/jwt/ '' "HTTP_AUTHORIZATION=Bearer $root" 2>/dev/null)" '^Status: 503'
check 'the log says what to do' says "$(cat "$work/said")" 'store: cannot open'
rm "$state/store"
mv "$state/store.away" "$state/store"
mv "$state/keys.json" "$state/keys.away"
check 'no keys' says "$(cgi "$DOORWARD_PROGRAM" GET /auth/health 2>/dev/null)" '^Status: 503'
mv "$state/keys.away" "$state/keys.json"
check 'all is well again' says "$(cgi "$DOORWARD_PROGRAM" GET /auth/health)" '"ok"'
