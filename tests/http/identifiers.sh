# Contract section 7: identifiers of every type, as a login takes them and login/jwt/ gives them back.

new_state identifiers
start_server "$kind"
root=$(root_token)
row .id POST /accounts/service/ '{"name":"web","password":"webpassword"}' "$root"

x64=$(printf 'a%.0s' {1..64})
b64=$(printf 'A%.0s' {1..86}) # 64 bytes
#     type       identifier as sent             as given back, or - where it is refused
table='
	int8       127                            127
	int8       -128                           -128
	int8       128                            -
	int8       -129                           -
	int16      32767                          32767
	int16      32768                          -
	int32      -2147483648                    -2147483648
	int32      2147483648                     -
	int64      9223372036854775807            9223372036854775807
	int64      -9223372036854775808           -9223372036854775808
	int64      9223372036854775808            -
	int64      "-9223372036854775808"         -9223372036854775808
	int64      "-9223372036854775809"         -
	uint8      0                              0
	uint8      255                            255
	uint8      256                            -
	uint8      -1                             -
	uint8      "-0"                           -
	uint16     65535                          65535
	uint16     65536                          -
	uint32     4294967295                     4294967295
	uint32     4294967296                     -
	uint32     "0042"                         42
	uint32     "+42"                          -
	uint32     "4\u00202"                     -
	uint32     "0x10"                         -
	uint32     ""                             -
	uint32     "١"                            -
	uint64     18446744073709551615           18446744073709551615
	uint64     "18446744073709551615"         18446744073709551615
	uint64     "18446744073709551616"         -
	uint64     9223372036854775808            9223372036854775808
	uuid       "00112233-4455-6677-8899-AABBCCDDEEFF" "00112233-4455-6677-8899-aabbccddeeff"
	uuid       "00112233445566778899AABBCCDDEEFF" -
	uuid       "00112233-4455-6677-8899-AABBCCDDEEFG" -
	uuid       "{0112233-4455-6677-8899-AABBCCDDEEF}" -
	uuid       1                              -
	hex1       "f"                            "F"
	hex1       "ff"                           -
	hex16      "00aF"                         "00AF"
	hex16      ""                             -
	hex16      "xyz"                          -
	hex64      "'$x64'"                       "'${x64^^}'"
	hex64      "'$x64'a"                      -
	urlsafe1   "~"                            -
	urlsafe8   "aZ0._-"                       "aZ0._-"
	urlsafe8   "123456789"                    -
	urlsafe8   "a/b"                          -
	urlsafe8   ""                             -
	urlsafe8   42                             -
	urlsafe64  "'$x64'"                       "'$x64'"
	urlsafe64  "'$x64'a"                      -
	bytes4     "AQIDBA"                       "AQIDBA"
	bytes4     "AQIDBA=="                     "AQIDBA"
	bytes4     "AQIDBA="                      -
	bytes4     "AQIDBAU"                      -
	bytes4     "AQIDBB"                       -
	bytes4     "AQ+/"                         -
	bytes4     "AQ-_"                         "AQ-_"
	bytes4     ""                             -
	bytes64    "'$b64'"                       "'$b64'"
	bytes64    "'$b64'A"                      -
'

previous=
while read -r type sent given; do
	[ -n "$type" ] || continue
	if [ "$type" != "$previous" ]; then
		row .id POST /databases/ "{\"name\":\"$type\",\"item_id_type\":\"$type\",\"user_id_type\":\"$type\"}" "$root"
		previous=$type
	fi
	login="{\"name\":\"web\",\"password\":\"webpassword\",\"db_name\":\"$type\",\"frontend_user_id\":$sent}"
	if [ "$given" = - ]; then
		row fields:frontend_user_id POST /login/service/ "$login"
		continue
	fi
	row .token POST /login/service/ "$login"
	row .account POST /login/jwt/ '{}' "$(field .token)"
	# on the text, since jq would round a large integer
	check "$type $sent gives $given" grep -qF "\"frontend_user_id\":$given}" "$work/body"
done <<<"$table"
