# Who fails to log in, or asks for mails, waits longer and longer; the owner elsewhere does not.

throttle=on new_state throttle '[server]' 'trusted_proxies = 127.0.0.1'
sed -i 's/^cost.*/cost = 3/' "$state/doorward.conf"
pool=4 start_server "$kind"
root=$(root_token)
row .id POST /accounts/service/ '{"name":"worker","password":"worker-password","role":"backend"}' "$root"
row .id POST /accounts/individual/ '{"email":"ann@example.com","password":"ann-password"}' "$root"
# before it is verified, which drops a code that is still waiting
check 'the code comes' test -n "$(mail_link ann@example.com 1)"
doorward account verify ann@example.com

# from ADDRESS METHOD PATH BODY: a request by way of a trusted proxy
from() { request "$2" "$3" "$4" '' -H "X-Forwarded-For: $1"; }
as() { printf '{"name":"%s","password":"%s"}' "$1" "$2"; }

# long_wait ADDRESS METHOD PATH BODY: tries until the wait is long enough for what is to be seen of it
long_wait() { wait_for 40 has_to_wait "$@"; }
has_to_wait() { from "$@"; [ "$status" = 429 ] && holds '.error_data.retry_after >= 7'; }

# Five failures are free.
for _ in {1..5}; do
	from 203.0.113.1 POST /login/service/ "$(as worker wrong-password)"
	check 'free' is_error INCORRECT_PASSWORD
done

# A thousand of them across all processes, while the owner logs in from elsewhere each time.
: >"$work/statuses"
attack() {
	for _ in {1..100}; do
		curl -s -o /dev/null -w '%{http_code}\n' "$url/login/service/" -H 'Content-Type: application/json' \
			-H 'X-Forwarded-For: 203.0.113.1' -d "$(as worker wrong-password)" >>"$work/statuses.$1"
	done
}
attackers=()
for i in {1..10}; do attack "$i" & attackers+=($!); done
for _ in {1..8}; do
	from 198.51.100.1 POST /login/service/ "$(as worker worker-password)"
	check 'the owner logs in' equal "$status" 200
done
wait "${attackers[@]}"
cat "$work"/statuses.* >"$work/statuses"
hashed=$(grep -c 401 "$work/statuses")
check 'a thousand answers' equal "$(wc -l <"$work/statuses")" 1000
check 'all of them 429 or 401' equal "$(grep -cv -e 429 -e 401 "$work/statuses")" 0
check "few passwords were looked at: $hashed" test "$hashed" -le 12
printf '        throttle: 1000 wrong passwords, %d looked at\n' "$hashed"
from 198.51.100.1 POST /login/service/ "$(as worker worker-password)"
check 'the owner still logs in' equal "$status" 200

# By now the wait is some seconds: what is told of it, before anything is hashed.
from 203.0.113.1 POST /login/service/ "$(as worker wrong-password)"
check 'throttled' is_error RATE_LIMIT_OVERFLOW
check 'the message' equal "$(field .message)" 'The amount of requests exceeds the limit of your subscription'
check 'retry_after' holds '.error_data.retry_after >= 1'
check 'Retry-After' equal "$(header Retry-After)" "$(field .error_data.retry_after)"
check 'audit' equal "$(audit login '[.outcome, .account, .address] | join(" ")')" 'RATE_LIMIT_OVERFLOW worker 203.0.113.1'
from 203.0.113.1 POST /login/service/ "$(as worker worker-password)"
check 'the right password waits, too' is_error RATE_LIMIT_OVERFLOW

# Waiting helps: never a permanent lock. Success forgets.
listed() { doorward throttle list --json | jq -r "[.[] | select(.what == \"$1\" and (.subject | startswith(\"$2\")))] | length"; }
check 'it is listed' equal "$(listed login 203.0.113.1)" 1
for _ in {1..5}; do
	from 203.0.113.9 POST /login/service/ "$(as worker wrong-password)"
	check 'free' is_error INCORRECT_PASSWORD
done
wait_out() { from 203.0.113.9 POST /login/service/ "$(as worker worker-password)"; [ "$status" = 200 ]; }
check 'the wait ends' wait_for 20 wait_out
check 'success forgets' equal "$(listed login 203.0.113.9)" 0
for _ in {1..5}; do
	from 203.0.113.9 POST /login/service/ "$(as worker wrong-password)"
	check 'free again' is_error INCORRECT_PASSWORD
done

# Accounts that are not there are throttled alike; another account from the same place is not.
for _ in {1..5}; do
	from 203.0.113.2 POST /login/individual/ '{"email":"Stranger@example.com","password":"wrong-password"}'
	check 'free' is_error INCORRECT_PASSWORD
done
check 'throttled' long_wait 203.0.113.2 POST /login/individual/ \
	'{"email":"stranger@EXAMPLE.com","password":"wrong-password"}'
from 203.0.113.2 POST /login/root/ '{"email":"stranger@example.com","password":"wrong-password"}'
check 'by either way in' is_error RATE_LIMIT_OVERFLOW
from 203.0.113.2 POST /login/individual/ '{"email":"ann@example.com","password":"ann-password"}'
check 'another account' equal "$status" 200

# Clearing.
doorward throttle clear stranger@example.com
from 203.0.113.2 POST /login/individual/ '{"email":"stranger@example.com","password":"wrong-password"}'
check 'cleared' is_error INCORRECT_PASSWORD

# An IPv6 network of one customer is one place.
for i in {1..5}; do
	from "2001:db8:1:2::$i" POST /login/service/ "$(as worker wrong-password)"
	check 'free' is_error INCORRECT_PASSWORD
done
check 'the same /64' long_wait 2001:db8:1:2:ffff::1 POST /login/service/ "$(as worker wrong-password)"
from 2001:db8:1:2:eeee::1 POST /login/service/ "$(as worker wrong-password)"
check 'all of it' is_error RATE_LIMIT_OVERFLOW
from 2001:db8:1:3::1 POST /login/service/ "$(as worker worker-password)"
check 'another one' equal "$status" 200

# One address that tries many accounts; forged hops do not help it.
doorward throttle clear --all
for i in {1..100}; do from "10.0.0.$i, 203.0.113.3" POST /login/service/ "$(as "guess $i" wrong-password)"; done
check 'free' is_error INCORRECT_PASSWORD
check 'throttled' long_wait '10.0.0.1, 203.0.113.3' POST /login/service/ "$(as another wrong-password)"
check 'its audit address' equal "$(audit login .address)" 203.0.113.3
from 203.0.113.4 POST /login/service/ "$(as another wrong-password)"
check 'another address' is_error INCORRECT_PASSWORD

# Mails: three to one address, whoever asks and whether it has an account; then a minute's wait.
for email in ann@example.com stranger@example.com; do
	for i in 1 2 3; do
		from "192.0.2.$i" POST /accounts/individual/send-reset-password-email/ "{\"email\":\"$email\"}"
		check "mail $i to $email" is_empty
		# one that is not delivered yet when the next is asked for is dropped: its code is replaced
		[ $email != ann@example.com ] || check 'it comes' test -n "$(mail_link $email $((i + 1)))"
	done
	from 192.0.2.4 POST /accounts/individual/send-reset-password-email/ "{\"email\":\"${email^^}\"}"
	check "no fourth to $email" is_error RATE_LIMIT_OVERFLOW
	check 'a minute' holds '.error_data.retry_after > 50 and .error_data.retry_after <= 60'
	from 192.0.2.4 PUT /accounts/resend-verification-code/ "{\"email\":\"$email\"}"
	check 'nor the other kind' is_error RATE_LIMIT_OVERFLOW
done
check 'and no other comes' equal "$(find "$state/mail/new" -type f | wc -l)" 4
for i in {1..20}; do
	from 192.0.2.9 PUT /accounts/resend-verification-code/ "{\"email\":\"person$i@example.com\"}"
	check "asked $i times" is_empty
done
from 192.0.2.9 PUT /accounts/resend-verification-code/ '{"email":"person21@example.com"}'
check 'one address asks too often' is_error RATE_LIMIT_OVERFLOW
check 'the command lists all kinds' equal "$(doorward throttle list --json | jq -r '[.[].what] | unique | join(" ")')" \
	'account address login recipient sender'
doorward throttle clear --all
check 'and clears them' equal "$(doorward throttle list --json | jq length)" 0
