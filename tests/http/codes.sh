# Contract sections 3 and 5: verification and reset by mailed codes, and what strangers learn of it.

new_state codes '[mail]' 'redirect_urls = https://app.example/welcome?a=b, http://app.example/x' \
	'[server]' 'mount = /' 'url = https://auth.example/base/'
start_server "$kind"
root=$(root_token)
individual() { printf '{"email":"%s"%s}' "$1" "${2:+,$2}"; }
verify() { printf '{"email":"%s","code":"%s"}' "$1" "$2"; }
reset() { printf '{"email":"%s","code":"%s","new_password":"%s"}' "$1" "$2" "$3"; }
login() { printf '{"email":"%s","password":"%s"}' "$1" "$2"; }

# With a password: a code to verify.
row .id POST /accounts/individual/ "$(individual Ann@Example.com '"password":"ann-password","first_name":"Ann"')" "$root"
link=$(mail_link Ann@Example.com 1)
check 'our own page' equal "${link%%\?*}" https://auth.example/base/pages/verify.html
check 'the email in it' equal "$(in_link "$link" email)" Ann@Example.com
expires=$(in_link "$link" code_expiration_timestamp)
check 'good for a day' test $((expires - $(date +%s))) -gt 86000 -a $((expires - $(date +%s))) -le 86400
code=$(in_link "$link" code)
row ACCOUNT_NOT_VERIFIED POST /login/individual/ "$(login ann@example.com ann-password)"
row ACTIVATION_CODE_DOES_NOT_MATCH POST /accounts/verify/ "$(verify ann@example.com wrong)"
row ACTIVATION_CODE_DOES_NOT_MATCH POST /accounts/verify/ "$(verify ann@example.com "${code}A")"
row ACTIVATION_CODE_DOES_NOT_MATCH POST /accounts/verify/ "$(verify stranger@example.com "$code")"
row RESET_CODE_DOES_NOT_MATCH POST /accounts/individual/reset/ "$(reset ann@example.com "$code" another-password)"
row '. == {"email":"Ann@Example.com","verified":true}' POST /accounts/verify/ "$(verify ANN@example.com "$code")"
row .token POST /login/individual/ "$(login ann@example.com ann-password)"
row ACTIVATION_CODE_DOES_NOT_MATCH POST /accounts/verify/ "$(verify ann@example.com "$code")"
check 'audit' equal "$(audit account.verify '[.outcome, .account] | join(" ")')" \
	'ACTIVATION_CODE_DOES_NOT_MATCH ann@example.com'

# By GET; a newer code replaces an older one; nothing to verify with a query that is broken.
row .id POST /accounts/individual/ "$(individual bob@example.com '"password":"bob-password"')" "$root"
old=$(in_link "$(mail_link bob@example.com 1)" code)
row empty PUT /accounts/resend-verification-code/ "$(individual bob@example.com)"
new=$(in_link "$(mail_link bob@example.com 2)" code)
row ACTIVATION_CODE_DOES_NOT_MATCH GET "/accounts/verify/?email=bob%40example.com&code=$old"
row 'fields:code email' GET /accounts/verify/
row fields:code GET '/accounts/verify/?email=bob%40example.com'
row WRONG_DATA_TYPE GET '/accounts/verify/?email=bob%00&code=x'
row '. == {"email":"bob@example.com","verified":true}' GET "/v1/accounts/verify?code=$new&email=bob%40example.com"
row .token POST /login/individual/ "$(login bob@example.com bob-password)"

# Without a password: a link to set one, which verifies; it is good for a day.
row .id POST /accounts/individual/ "$(individual cyd@example.com)" "$root"
link=$(mail_link cyd@example.com 1)
check 'the page for it' equal "${link%%\?*}" https://auth.example/base/pages/password.html
expires=$(in_link "$link" code_expiration_timestamp)
check 'good for a day' test $((expires - $(date +%s))) -gt 86000
code=$(in_link "$link" code)
row ACTIVATION_CODE_DOES_NOT_MATCH POST /accounts/verify/ "$(verify cyd@example.com "$code")"
for weak in short cyd@example.com; do
	row fields:new_password POST /accounts/individual/reset/ "$(reset cyd@example.com "$code" "$weak")"
done
row empty POST /accounts/individual/reset/ "$(reset cyd@example.com "$code" cyd-password)"
row RESET_CODE_DOES_NOT_MATCH POST /accounts/individual/reset/ "$(reset cyd@example.com "$code" cyd-password2)"
row .token POST /login/individual/ "$(login cyd@example.com cyd-password)"
row '.individual_accounts[] | select(.email == "cyd@example.com") | .verified' GET /organizations/current/accounts/ '' "$root"

# Resetting: an hour; all sessions end; the code is for one use; the client's word on time counts for nothing.
token=$(login_as /login/individual/ "$(login bob@example.com bob-password)")
row empty POST /accounts/individual/send-reset-password-email/ "$(individual BOB@example.com)"
link=$(mail_link bob@example.com 3)
expires=$(in_link "$link" code_expiration_timestamp)
check 'good for an hour' test $((expires - $(date +%s))) -gt 3500 -a $((expires - $(date +%s))) -le 3600
code=$(in_link "$link" code)
row .account POST /login/jwt/ '' "$token"
row RESET_CODE_DOES_NOT_MATCH POST /accounts/individual/reset/ "$(reset bob@example.com "$code"x new-bob-password)"
row RESET_CODE_DOES_NOT_MATCH POST /accounts/individual/reset/ "$(reset ann@example.com "$code" new-bob-password)"
row RESET_CODE_DOES_NOT_MATCH POST /accounts/individual/reset/ "$(reset stranger@example.com "$code" new-bob-password)"
row 'fields:code code_expiration_timestamp email new_password' POST /accounts/individual/reset/ \
	'{"email":1,"code":2,"new_password":3,"code_expiration_timestamp":"soon"}'
row empty POST /accounts/individual/reset/ "{\"email\":\"bob@example.com\",\"code\":\"$code\",
	\"new_password\":\"new-bob-password\",\"code_expiration_timestamp\":\"$expires\"}"
row INCORRECT_JWT_TOKEN POST /login/jwt/ '' "$token"
row INCORRECT_PASSWORD POST /login/individual/ "$(login bob@example.com bob-password)"
row .token POST /login/individual/ "$(login bob@example.com new-bob-password)"

# A password that is changed otherwise takes the code with it, and so does a new mail.
row empty POST /accounts/individual/send-reset-password-email/ "$(individual bob@example.com)"
first=$(in_link "$(mail_link bob@example.com 4)" code)
row empty POST /accounts/individual/send-reset-password-email/ "$(individual bob@example.com)"
second=$(in_link "$(mail_link bob@example.com 5)" code)
row RESET_CODE_DOES_NOT_MATCH POST /accounts/individual/reset/ "$(reset bob@example.com "$first" third-bob-password)"
row empty PATCH /accounts/individual/ "$(individual bob@example.com '"password":"fourth-password"')" "$root"
row RESET_CODE_DOES_NOT_MATCH POST /accounts/individual/reset/ "$(reset bob@example.com "$second" third-bob-password)"

# Where links may lead.
row .id POST /accounts/individual/ "$(individual dan@example.com \
	'"email_redirect_url":"https://app.example/welcome?a=b"')" "$root"
link=$(mail_link dan@example.com 1)
check 'the configured address, with its query' equal "${link%%&*}" 'https://app.example/welcome?a=b'
row empty POST /accounts/individual/send-reset-password-email/ \
	"$(individual dan@example.com '"email_redirect_url":"http://app.example/x"')"
link=$(mail_link dan@example.com 2)
check 'another' equal "${link%%\?*}" http://app.example/x
before=$(doorward account list --json | jq length)
for target in https://evil.example/ https://app.example/welcome/ https://app.example/ http://app.example/welcome \
 https://app.example/welcome \
	'https://app.example/welcome?a=b&code=1' 'http://app.example/x?code=1' \
	https://app.example/welcome.evil.example https://app.example@evil.example/welcome javascript:alert ftp://app.example/x \
	'https://app.example/welcome#x' '//app.example/x' '' 'https://app.example/x y' 'http://app.example/x\u0000'; do
	for endpoint in '/accounts/individual/' '/accounts/individual/send-reset-password-email/'; do
		request POST "$endpoint" "$(individual eve@example.com "\"email_redirect_url\":\"$target\"")" "$root"
		check "refused: $target" equal "$status $(field .error_code)" '400 40'
	done
done
check 'nothing was made' equal "$(doorward account list --json | jq length)" "$before"

# Who manages accounts is told precisely; those of another organization are none of theirs.
row ACCOUNT_ALREADY_VERIFIED PUT /accounts/resend-verification-code/ "$(individual Bob@example.com)" "$root"
check 'the sentence' equal "$(field .error_data.error)" 'the account Bob@example.com is already verified'
row ACCOUNT_NOT_FOUND PUT /accounts/resend-verification-code/ "$(individual stranger@example.com)" "$root"
row ACCOUNT_ALREADY_VERIFIED POST /accounts/verify/ "$(verify bob@example.com x)" "$root"
row ACCOUNT_NOT_FOUND POST /accounts/verify/ "$(verify stranger@example.com x)" "$root"
row ACTIVATION_CODE_DOES_NOT_MATCH POST /accounts/verify/ "$(verify dan@example.com x)" "$root"
printf 'otherrootpassword\n' | doorward org add Other --email other@example.com >/dev/null
other=$(login_as /login/root/ '{"email":"other@example.com","password":"otherrootpassword"}')
row ACCOUNT_NOT_FOUND PUT /accounts/resend-verification-code/ "$(individual dan@example.com)" "$other"
row ACCOUNT_NOT_FOUND POST /accounts/verify/ "$(verify dan@example.com x)" "$other"

# A stranger, or a token that is stale, broken or of a lesser role, learns nothing: same status, same
# body, same headers, whether the address has an account, and in which state.
backend=$(login_as /login/individual/ "$(login ann@example.com ann-password)")
# (how the body is framed depends on when a CGI program's output reaches Apache)
answer() {
	printf '%s|%s|%s' "$status" "$body" \
		"$(grep -viE '^(date|content-length|transfer-encoding):' "$work/headers")"
}
for token in '' broken "$backend"; do
	for email in stranger@example.com ann@example.com dan@example.com root@example.com; do
		request PUT /accounts/resend-verification-code/ "$(individual "$email")" "$token"
		check "resend to $email" equal "$(answer)" "${resend:=$(answer)}"
		request POST /accounts/individual/send-reset-password-email/ "$(individual "$email")" "$token"
		check "reset mail to $email" equal "$(answer)" "${reset_mail:=$(answer)}"
		request POST /accounts/verify/ "$(verify "$email" wrong-code)" "$token"
		check "verify $email" equal "$(answer)" "${verified:=$(answer)}"
		request POST /accounts/individual/reset/ "$(reset "$email" wrong-code short)" "$token"
		check "reset $email" equal "$(answer)" "${reset_answer:=$(answer)}"
		request POST /login/individual/ "$(login "$email" wrong-password)" "$token"
		check "login $email" equal "$(answer)" "${login_answer:=$(answer)}"
	done
done
check 'empty' equal "${resend%%|*}|${reset_mail%%|*}" '200|200'

# Two uses of one code at once: one of them.
codes() { doorward status --json | jq .codes; }
before=$(codes)
row .id POST /accounts/individual/ "$(individual fay@example.com)" "$root"
code=$(in_link "$(mail_link fay@example.com 1)" code)
for i in {1..8}; do
	curl -s -o /dev/null -w '%{http_code}\n' "$url/accounts/individual/reset/" -H 'Content-Type: application/json' \
		-d "$(reset fay@example.com "$code" "fay-password-$i")" >"$work/use.$i" &
	uses[i]=$!
done
wait "${uses[@]}"
check 'one succeeds' equal "$(cat "$work"/use.* | sort | uniq -c | tr -s ' ' | paste -sd,)" ' 1 200, 7 401'

# Deleting the account takes its codes with it.
row empty POST /accounts/individual/send-reset-password-email/ "$(individual fay@example.com)"
check 'a code more' equal "$(codes)" $((before + 1))
row empty DELETE /accounts/individual/ "$(individual fay@example.com)" "$root"
check 'its codes go with it' equal "$(codes)" "$before"
