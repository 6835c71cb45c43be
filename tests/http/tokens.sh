# What others need to verify our tokens: the list of public keys, and the commands for keys. What others'
# libraries make of them is in tests/tokens.

# header_of TOKEN MEMBER: what a token's header says.
header_of() {
	python3 -c 'import base64, json, sys
print(json.loads(base64.urlsafe_b64decode(sys.argv[1].split(".")[0] + "=="))[sys.argv[2]])' "$1" "$2"
}
jwks=/.well-known/jwks.json
keys_are() { holds "[.keys[].kid] == [$(printf '"%s",' "$@" | sed 's/,$//')]"; }
kids() { doorward key list --json | jq -r ".[] | select(.use == \"jwt\" ${1-}) | .kid"; }

# HS256: there is nothing to hand out, and nobody is to keep that.
(unset algorithm; new_state secret '[token]' 'jwks_max_age = 77')
state=$work/secret
start_server "$kind"
for path in $jwks $jwks/ /v1$jwks; do
	row '. == {keys: []}' GET "$path"
done
old=$(root_token)
check 'HS256 is the default' equal "$(header_of "$old" alg)" HS256
check 'the list for files' equal "$(doorward key export --public)" '{"keys":[]}'

# Switched to ES256 while tokens are out: these stay good, new ones are of the new kind at once.
stop_server
printf 'algorithm = ES256\n' >>"$state/doorward.conf"
start_server "$kind"
row .account POST /login/jwt/ '{}' "$old"
new=$(root_token)
check 'ES256' equal "$(header_of "$new" alg) $(header_of "$new" typ)" 'ES256 JWT'
row .account POST /login/jwt/ '{}' "$new"
check 'one key was made, however many responders started' equal "$(kids 'and .algorithm == "ES256"' | wc -l)" 1
check 'the other one retires' equal "$(kids 'and .algorithm == "HS256" and .state == "retired" and .retires > 0' | wc -l)" 1

# The list: of that key only, for all, cacheable, without the private number.
kid=$(header_of "$new" kid)
for path in $jwks $jwks/ /v1$jwks; do
	request GET "$path" '' 'broken.token'
	check "$path: $status $body" equal "$status $(header Content-Type)" '200 application/json'
	check 'cacheable' equal "$(header Cache-Control)" 'public, max-age=77'
	check 'the key' keys_are "$kid"
	check 'its members' holds '.keys[0] | (keys | sort) == ["alg","crv","kid","kty","use","x","y"] and
		[.alg, .crv, .kty, .use] == ["ES256","P-256","EC","sig"] and
		([.x, .y][] | test("^[A-Za-z0-9_-]{43}$"))'
done
request HEAD $jwks
check 'HEAD' equal "$status $(header Cache-Control)" '200 public, max-age=77'
for method in POST PUT PATCH DELETE; do
	row METHOD_NOT_ALLOWED "$method" $jwks
done
row ENDPOINT_NOT_FOUND GET /.well-known/
row ENDPOINT_NOT_FOUND GET /.well-known/jwks

# Rotated: published, not signing yet.
doorward key rotate >/dev/null
next=$(kids 'and .state == "next"')
request GET $jwks
check 'both are listed at once' keys_are "$kid" "$next"
new=$(root_token)
check 'the old one signs' equal "$(header_of "$new" kid)" "$kid"
check 'the next one is next' equal "$(kids 'and .state == "current"')" "$kid"

# A ring that cannot be read has no keys to say anything about.
mv "$state/keys.json" "$state/away"
missing() { request GET $jwks; [ "$status" = 503 ]; }
check 'unavailable' wait_for 5 missing
row STORE_UNAVAILABLE GET $jwks
mv "$state/away" "$state/keys.json"
back() { request GET $jwks; [ "$status" = 200 ]; }
check 'available' wait_for 5 back

# Import: of a PEM and of a JWK, and what is refused. Nothing is half done.
openssl ecparam -name prime256v1 -genkey -out "$work/sec1.pem" 2>/dev/null
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$work/pkcs8.pem" 2>/dev/null
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out "$work/p384.pem" 2>/dev/null
openssl genpkey -algorithm RSA -out "$work/rsa.pem" 2>/dev/null
openssl pkcs8 -topk8 -in "$work/pkcs8.pem" -passout pass:x -out "$work/encrypted.pem"
openssl pkey -in "$work/pkcs8.pem" -pubout -out "$work/public.pem"
head -c 20000 /dev/zero | tr '\0' A >"$work/large.pem"
printf '{"kty":"EC","crv":"P-256","kid":"mine","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
	"y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}' \
	>"$work/key.jwk"
imported() { doorward key import "$1" >/dev/null; }
check 'SEC 1' imported "$work/sec1.pem"
check 'PKCS 8 from standard input' imported - <"$work/pkcs8.pem"
check 'JWK' imported "$work/key.jwk"
check 'the last one is to sign last' equal "$(kids | tail -n 1)" mine
check 'audit' equal "$(audit key.import '[.outcome, .detail] | join(" ")')" 'ok mine'
before=$(cat "$state/keys.json")
refused() {
	local said
	if said=$(doorward key import "$1" 2>&1 >/dev/null); then return 1; fi
	[[ $said == *"$2"* ]] || { printf '  %s\n' "$said"; return 1; }
}
check 'another curve' refused "$work/p384.pem" 'another curve'
check 'RSA' refused "$work/rsa.pem" 'another kind of key'
check 'encrypted' refused "$work/encrypted.pem" 'encrypted'
check 'a public key' refused "$work/public.pem" 'no private key'
check 'too large' refused "$work/large.pem" 'too large'
check 'nothing' refused /dev/null 'no private key'
check 'no file' refused "$work/nowhere" 'No such file'
check 'a folder' refused "$work" 'directory'
check 'twice' refused "$work/pkcs8.pem" 'there already'
check 'nothing was written' equal "$(cat "$state/keys.json")" "$before"
check 'nobody else reads it' equal "$(stat -c %a "$state/keys.json")" 600

# Export: as a list, in PEM, one or all; never a private one.
request GET $jwks
check 'as the list' equal "$(doorward key export --public)" "$body"
check 'one' equal "$(doorward key export --public mine | jq -r '.keys[].kid')" mine
doorward key export --public --pem mine >"$work/exported.pem"
openssl pkey -pubin -in "$work/exported.pem" -noout -text >"$work/text" 2>&1
check 'PEM' grep -q 'prime256v1' "$work/text"
imported=$(kids | tail -n 2 | head -n 1)
check 'the one that came in' equal "$(doorward key export --public --pem -- "$imported")" "$(cat "$work/public.pem")"
check 'all in PEM' equal "$(doorward key export --public --pem | grep -c 'BEGIN PUBLIC KEY')" 5
check 'no such key' equal "$(doorward key export --public nobody 2>&1)" 'doorward: there is no public key nobody'
check 'public ones only' equal "$(doorward key export 2>&1)" 'doorward: only public keys are exported: say --public'
check 'none is private' equal "$(doorward key export --public | grep -c '"d"')" 0

# And back. What was signed stays good, and is on the list until it is not.
stop_server
sed -i 's/^algorithm.*/algorithm = HS256/' "$state/doorward.conf"
check 'no import under HS256' refused "$work/sec1.pem" 'must be ES256'
start_server "$kind"
row .account POST /login/jwt/ '{}' "$new"
row .account POST /login/jwt/ '{}' "$old"
row .account POST /login/jwt/ '{}' "$(root_token)"
request GET $jwks
check 'still listed' holds ".keys | map(.kid) | index(\"$kid\") == 0"
check 'HS256 is to sign last' equal "$(doorward key list --json | jq -r 'map(select(.use == "jwt")) | last | .algorithm')" HS256
