#!/usr/bin/env bash
# A rented account: a user with nothing but a home directory, and an Apache that somebody else has set up,
# builds, installs and initialises Doorward and serves it. account.sh [SOURCE]; the last line is "N passed,
# M failed".
set -uo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
source=$(cd "${1:-$top}" && pwd)
build=$top kind=apache-cgi
. "$top/tests/http/lib.sh"
# The server is the child of what starts programs as its user.
stop_host() {
	[ -z "$server_pid" ] || kill "$(<"$home/apache/server.pid")"
	wait $server_pid
	server_pid=
}
trap 'stop_host; finish' EXIT
trap 'exit 1' INT TERM

home=$work/home
site=$home/public_html
state=$home/doorward/var/lib/doorward
conf=$home/doorward/etc/doorward/doorward.conf
mkdir -p "$site" "$home/apache/site"
# A user ID that nobody has, so that nobody's files can be meant.
as_user() { env -i HOME="$home" PATH=/usr/bin:/bin "$@"; }
if [ "$(id -u)" = 0 ]; then
	as_user() {
		setpriv --reuid 54321 --regid 54321 --clear-groups env -i HOME="$home" PATH=/usr/bin:/bin "$@"
	}
	chown -R 54321:54321 "$home"
fi

# What the user types; the source is what a tarball gives.
tar -C "$source" --exclude=./.git --exclude=./run -cf - . | as_user tar -C "$home" --one-top-level=source \
	--no-same-owner -xf -
[ ! -f "$home/source/Makefile" ] || as_user make -C "$home/source" -s distclean >/dev/null 2>&1
as_user sh -c 'cd ~/source && { [ -x configure ] || autoreconf -i; } && mkdir ~/build && cd ~/build &&
	~/source/configure --quiet --prefix=$HOME/doorward --with-cgibindir=$HOME/public_html/cgi-bin &&
	make -s -j2 && make -s install &&
	printf "rootpassword\n" | ~/doorward/bin/doorward init --email root@example.com' >"$work/output" 2>&1 ||
	{ tail -n 20 "$work/output"; fail 'configure, make install, init'; totals; exit 1; }
pass
check 'the configuration' test -f "$conf"
check 'the state is private' equal "$(find "$state" -perm /077 | wc -l)" 0
check 'and not among the files served' equal "$(find "$site" -name '*.db' -o -name keys.json | wc -l)" 0
check 'the program is' test -x "$site/cgi-bin/doorward.fcgi"

# The same for the document root, and for a folder in it.
serve_below() {
	local folder=$site$1
	port=$(free_port) url=http://127.0.0.1:$port$1 sockets=$home/apache DOORWARD_PROGRAM=$site/cgi-bin/
	as_user sh -c "mkdir -p '$folder' && cd ~/doorward/share/doorward && cp htaccess '$folder/.htaccess' &&
		cp -r pages '$folder' && cp htaccess-pages '$folder/pages/.htaccess' &&
		sed -i '/^;*url =/s|.*|url = $url/|' '$conf'"
	write_account "$port" "$home/apache" '' "$site" >"$work/server.conf"
	as_user touch "$home/apache/output"
	as_user setsid /usr/sbin/apache2 -DFOREGROUND -f "$work/server.conf" >"$work/apache" 2>&1 &
	server_pid=$!
	wait_for 20 curl -sf "$url/health" || { cat "$work/apache" "$home/apache/error.log"; exit 1; }
}

for below in '' /auth; do
	serve_below "$below"
	root=$(root_token)
	row .account POST /login/jwt/ '{}' "$root"
	row .account POST /v1/login/jwt '{}' "$root"
	row '. == "Welcome to the Doorward API"' GET "${below:+/}"
	row INCORRECT_JWT_TOKEN POST /login/jwt/ '{}' "$root." -H 'X-Forwarded-For: 1.2.3.4'
	row ENDPOINT_NOT_FOUND GET /nothing
	row .id POST /accounts/individual/ "{\"email\":\"ann@example${below/\//.}.com\"}" "$root"
	link=$(mail_link "ann@example${below/\//.}.com" 1)
	check 'the mail comes' test "${link%%\?*}" = "$url/pages/password.html"
	request GET "${link#"$url"}"
	check 'its page' cmp -s "$work/body" "$top/pages/password.html"
	check 'its headers' equal "$(header Referrer-Policy) $(header Cache-Control)" 'no-referrer no-store'
	for path in /.htaccess /pages/.htaccess /pages/ /doorward /../doorward/etc/doorward/doorward.conf; do
		request GET "$path"
		check "$path is not served" test "$status" -ge 400
	done
	# by the program's own URL; the token arrives where a .htaccess above it says so
	url=http://127.0.0.1:$port/cgi-bin/doorward.fcgi
	[ -n "$below" ] || row .account POST /login/jwt/ '{}' "$root"
	row '.status == "ok"' GET /v1/health
	stop_host
	as_user rm -r "$site$below/.htaccess" "$site$below/pages"
done
check 'the state is private still' equal "$(find "$state" -perm /077 | wc -l)" 0
check 'nobody else owns anything' equal "$(find "$home" ! -user "$(stat -c %u "$conf")" | wc -l)" 0
totals
