# A guarded site on each web server: the API at /auth/, and behind the guard the notes of examples/notes, a
# static folder, PHP scripts, below /app/ in the other one of the two ways of CGI and FastCGI, and a proxied
# application. The latter two are below /open/ as well, for anyone. Sourced by run; expects top, build, work, state.

pids=()

# start NAME COMMAND…: in the background, ended by stop_site.
start() {
	local name=$1
	shift
	"$@" >"$site/$name.output" 2>&1 </dev/null &
	pids+=($!)
}

# What the server's user must be able to read, wherever the checkout is.
lay_out_site() {
	site=$work/site
	mkdir -p "$site/bin" "$site/data" "$site/fcgid" "$site/nginx"
	cp -r "$top/examples/notes" "$site/notes"
	cp "$top"/etc/guard-*.lua "$site"
	mkdir -p "$site/notes/public"/{app,open/app}
	for folder in . app open open/app; do
		install -m 755 "$top/tests/guard/site/env.php" "$site/notes/public/$folder"
	done
	cp "$build/doorward.fcgi" "$build/doorward" "$site/bin"
	python3 -B - "$site/notes/public" <<'PYTHON'
import os, sys
for path in ("open/page.txt", "files/42/mine.txt", "files/7/secret.txt", "staff/secret.txt",
             "secret.txt", "any/page.txt", "ours/page.txt", "files/42/secret of 7/x.txt", "open/Überblick.txt"):
    path = os.path.join(sys.argv[1], path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as out:
        out.write("SECRET\n" if "secret.txt" in path else "PAGE\n")
PYTHON
	chmod -R a+rX "$site"
	[ "$(id -u)" != 0 ] || chown -R www-data: "$site/data" "$site/fcgid" "$site/nginx" "$site"
	start upstream "$top/tests/guard/upstream.py" "$site/upstream.port"
	wait_for 10 test -f "$site/upstream.port" || die 'the proxied application does not start'
	upstream=$(<"$site/upstream.port")
}

write_lighttpd_site() {
	cat <<CONF
server.bind = "127.0.0.1"
server.port = $port
server.errorlog = "$site/error.log"
server.modules = ( )
include "$top/etc/guard-lighttpd.conf"
server.modules += ( "mod_magnet", "mod_proxy" )
include "$site/notes/lighttpd.conf"
mimetype.assign += ( ".txt" => "text/plain" )
\$HTTP["url"] =~ "^(/open)?/env\.php" { cgi.assign = ( ".php" => "/usr/bin/php-cgi" ) }
$(for at in '/app/ .php' '/open/app/ /'; do
	echo "\$HTTP[\"url\"] =~ \"^${at% *}\" {"
	echo "	fastcgi.server += ( \"${at#* }\" => ( ( \"bin-path\" => \"/usr/bin/php-cgi\","
	echo "		\"socket\" => \"$site/php.socket\", \"max-procs\" => 1 ) ) )"
	echo "}"
done)
\$HTTP["url"] =~ "^/open/shop/|^/shop/" {
	magnet.attract-raw-url-to = ( "$site/guard-lighttpd.lua" )
	proxy.server = ( "" => ( ( "host" => "127.0.0.1", "port" => $upstream ) ) )
}
CONF
	[ "$(id -u)" != 0 ] || printf 'server.username = "www-data"\nserver.groupname = "www-data"\n'
}

write_apache_site() {
	local modules=/usr/lib/apache2/modules module
	cat <<CONF
ServerRoot "$site"
ServerName 127.0.0.1
Listen 127.0.0.1:$port
PidFile "$site/apache.pid"
DefaultRuntimeDir "$site"
ErrorLog "$site/error.log"
CONF
	for module in mpm_event authz_core alias env setenvif headers dir mime proxy proxy_http cgid fcgid lua; do
		printf 'LoadModule %s_module %s/mod_%s.so\n' "$module" "$modules" "$module"
	done
	cat <<CONF
TypesConfig /dev/null
FcgidIPCDir "$site/fcgid"
FcgidProcessTableFile "$site/fcgid_shm"
ScriptSock "$site/cgid.socket"
Define DOORWARD_PROGRAM "$DOORWARD_PROGRAM"
Define DOORWARD_BIN "$site/bin"
Define DOORWARD_CONF "$DOORWARD_CONF"
Define DOORWARD_URL "$DOORWARD_URL"
Define DOORWARD_ETC "$site"
Define DOORWARD_POOL 2
Define NOTES "$NOTES"
Define NOTES_DATA "$NOTES_DATA"
Include "$top/etc/guard-apache.conf"
Include "$site/notes/apache.conf"
<Files "env.php">
	SetHandler fcgid-script
	Options +ExecCGI
	FcgidWrapper /usr/bin/php-cgi
</Files>
<LocationMatch "^(/open)?/app/">
	SetHandler cgi-script
	SetEnv REDIRECT_STATUS 200
</LocationMatch>
ProxyPass "/shop/" "http://127.0.0.1:$upstream/shop/"
ProxyPass "/open/shop/" "http://127.0.0.1:$upstream/open/shop/"
CONF
	[ "$(id -u)" != 0 ] || printf 'User www-data\nGroup www-data\n'
}

write_nginx_site() {
	cat <<CONF
daemon off;
pid $site/nginx.pid;
error_log $site/error.log;
worker_processes 1;
$([ "$(id -u)" != 0 ] || printf 'user www-data;')
events { worker_connections 64; }
http {
	access_log off;
	types { text/plain txt; text/html html; }
	client_body_temp_path $site/nginx/body;
	fastcgi_temp_path $site/nginx/fastcgi;
	proxy_temp_path $site/nginx/proxy;
	uwsgi_temp_path $site/nginx/uwsgi;
	scgi_temp_path $site/nginx/scgi;
	upstream doorward { server unix:$site/doorward.socket; }
	upstream php { server unix:$site/php.socket; }
	# nothing of what nginx drops by itself: somebody may have said so
	ignore_invalid_headers off;
	underscores_in_headers on;
	server {
		listen 127.0.0.1:$port;
		include $top/etc/guard-nginx.conf;
		include $site/notes/nginx.conf;
		location ~ ^(/open)?(/app)?/env\.php {
			fastcgi_pass  php;
			fastcgi_param SCRIPT_FILENAME $site/notes/public/env.php;
			fastcgi_param REQUEST_METHOD  \$request_method;
			fastcgi_param REQUEST_URI     \$request_uri;
			fastcgi_param CONTENT_TYPE    \$content_type;
			fastcgi_param CONTENT_LENGTH  \$content_length;
			fastcgi_param REDIRECT_STATUS 200;
$(sed -n 's/^#\( *fastcgi_param DOORWARD_.*\)/\1/p' "$top/etc/guard-nginx.conf")
		}
		location ~ ^(/open)?/shop/ {
			proxy_pass http://127.0.0.1:$upstream;
$(sed -n 's/^#\( *proxy_set_header X-Doorward.*\)/\1/p' "$top/etc/guard-nginx.conf")
		}
	}
}
CONF
}

# pool NAME PROCESSES COMMAND…: what nginx needs beside it, at the socket $site/NAME.socket.
pool() {
	local name=$1 processes=$2 user=()
	shift 2
	[ "$(id -u)" != 0 ] || user=(-u www-data -g www-data -U www-data)
	# spawn-fcgi's own way of a foreground: each process is a child of ours, and so is known
	start "$name" spawn-fcgi -n -s "$site/$name.socket" -M 600 "${user[@]}" -- "$@"
}

start_site() {
	kind=$1
	export DOORWARD_PROGRAM=$site/bin/doorward.fcgi DOORWARD_CONF=$state/doorward.conf
	export DOORWARD_SOCKETS=$site DOORWARD_POOL=2 NOTES=$site/notes NOTES_DATA=$site/data
	port=$(free_port) url=http://127.0.0.1:$port
	export DOORWARD_URL=$url/auth/
	sed -i "s#NOTES_DATA_FOLDER#$NOTES_DATA#; s#NOTES/#$NOTES/#" "$site/notes/nginx.conf"
	"write_${kind}_site" >"$site/server.conf"
	case $kind in
	lighttpd) start server lighttpd -D -f "$site/server.conf" ;;
	apache) start server apache2 -DFOREGROUND -f "$site/server.conf" ;;
	nginx)
		pool doorward 1 "$DOORWARD_PROGRAM"
		pool php 1 /usr/bin/php-cgi
		wait_for 10 test -S "$site/doorward.socket" -a -S "$site/php.socket" || return 1
		start server nginx -c "$site/server.conf"
		;;
	esac
	wait_for 20 curl -sf "$url/auth/health"
}

stop_site() {
	local pid
	for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null; done
	for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null; done
	pids=()
	wait_for 15 site_is_gone || fail 'responders outlive the server'
	if grep -qE 'Sanitizer|runtime error' "$site"/error.log "$site"/*.output; then
		fail "$(grep -hE -A 12 'Sanitizer|runtime error' "$site"/error.log "$site"/*.output)"
	fi
}
site_is_gone() { ! pgrep -f "^$site/bin/doorward.fcgi" >/dev/null; }
