# What changes counts at once: tokens that end, accounts, databases, the policy; and responders that die.

carl=$(enter frontend 43 shop)
row OTHER_USER GET /files/7/secret.txt '' "$carl"
row empty POST /auth/login/logout/ '' "$carl"
row INCORRECT_JWT_TOKEN GET /files/7/secret.txt '' "$carl"
row INCORRECT_JWT_TOKEN GET /notes/43/ '' "$carl"
is_page PAGE GET /open/page.txt '' "$carl"

printf 'another password\n' | doorward account passwd backend >/dev/null
row INCORRECT_JWT_TOKEN GET /files/42/mine.txt '' "$backend"
printf 'a password\n' | doorward account passwd backend >/dev/null

# The policy is read again when it has changed; a bad one opens nothing and closes nothing.
becomes() { request "${@:2}"; [ "$status" = "$1" ]; }
logs() { request GET /open/page.txt && grep -q "$1" "$site/error.log" "$site"/*.output; }
(write_policy; printf '[more]\npath = /secret.txt\nroles = manager\n') | put_policy
check 'a new rule is in force' wait_for 10 becomes 200 GET /secret.txt '' "$manager"
row ROLE_NOT_ALLOWED GET /secret.txt '' "$ann"
printf '[all]\npath = /**\nroles = anyone\n[none]\npath = /x\n' | put_policy
check 'the log names what is wrong' wait_for 10 logs 'policy.conf:4: rule \[none\] does not say'
row INCORRECT_JWT_TOKEN GET /secret.txt
is_page SECRET GET /secret.txt '' "$manager"
rm "$state/policy.conf"
check 'the log says that it is gone' wait_for 10 logs 'policy.conf: No such file'
row INCORRECT_JWT_TOKEN GET /secret.txt
is_page SECRET GET /secret.txt '' "$manager"
write_policy | put_policy
check 'a good one takes its place' wait_for 10 becomes 403 GET /secret.txt '' "$manager"

# A database that is gone takes its users with it.
is_page PAGE GET /any/page.txt '' "$manager_of_other"
doorward database delete other --org default >/dev/null
row DATABASE_NOT_FOUND GET /any/page.txt '' "$manager_of_other"

# The token of site.sh that was good for a second.
row EXPIRED_JWT_TOKEN GET /staff/secret.txt '' "$expired"
check 'its owner may renew it' equal "$(header WWW-Authenticate)" 'Bearer error="invalid_token"'

# A guard that dies while it is asked lets nobody in. All responders stop, are asked, and are killed.
mapfile -t guards < <(pgrep -f "^$site/bin/doorward.fcgi")
check 'there are guards' test ${#guards[@]} -gt 0
# what adds to the guard on lighttpd starts no other: there are two pools of two
[ "$kind" != lighttpd ] || check 'there is one pool of guards' equal ${#guards[@]} 4
kill -STOP "${guards[@]}"
curl -s -m 20 -H "Authorization: Bearer $ann" "$url/staff/secret.txt" >"$work/late" &
asking=$!
is_asked() { grep -q "$(printf ':%04X 01 ' "$port")" /proc/net/tcp; }
check 'the guard is being asked' wait_for 10 is_asked
kill -KILL "${guards[@]}"
wait "$asking"
check "nobody is let in by a dead guard: $(head -c 100 "$work/late")" test "$(<"$work/late")" != SECRET
request GET /staff/secret.txt '' "$ann"
check "nor after that: $status" test "$status" != 200
# the pool of nginx is for others to start anew
if [ "$kind" != nginx ]; then
	check 'a new guard takes its place' wait_for 20 becomes 200 GET /staff/secret.txt '' "$manager"
	check 'also for an application' wait_for 20 becomes 200 GET /app/env.php '' "$manager"
	row INCORRECT_JWT_TOKEN GET /app/env.php
fi
