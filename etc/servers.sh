# Shell functions that start web servers for ./serve and the tests. Sourced after functions.sh.
#
# A kind is a file in etc/ and how it is run:
#   lighttpd         lighttpd starts the responders
#   lighttpd-pools   the same, with a pool of their own for password logins
#   apache           Apache starts them (mod_fcgid)
#   apache-proxy     Apache is a client of a pool that runs by itself (mod_proxy_fcgi)
#   apache-cgi       Apache as a rented account has it: plain CGI and a .htaccess
#   nginx            nginx is a client of a pool that runs by itself
server_kinds=(lighttpd lighttpd-pools apache apache-proxy apache-cgi nginx)

is_server() { case " ${server_kinds[*]} " in *" $1 "*) ;; *) false ;; esac }

# Whether the responders are a pool that does not belong to the web server.
has_own_pool() { [ "$1" = apache-proxy ] || [ "$1" = nginx ]; }

# The package line of etc/packages for a kind.
packages_for() { case $1 in lighttpd*) say lighttpd ;; *) say "$1" ;; esac }

# The names that the files in etc/ know, from the environment.
server_names=(DOORWARD_PROGRAM DOORWARD_BIN DOORWARD_CONF DOORWARD_URL DOORWARD_PAGES DOORWARD_ERRORS DOORWARD_ETC
	DOORWARD_SOCKETS DOORWARD_SOCKET DOORWARD_POOL DOORWARD_MOUNT)

# set_server_names FOLDER MOUNT: those that follow from where the server's files are. MOUNT is the path
# prefix without its last slash, "" for a whole host.
set_server_names() {
	export DOORWARD_BIN=${DOORWARD_PROGRAM%/*}
	export DOORWARD_ETC=$top/etc DOORWARD_SOCKETS=$1/sockets DOORWARD_SOCKET=$1/pool.socket DOORWARD_MOUNT=$2
}

# write_server KIND PORT FOLDER USER: prints the configuration of a web server that serves what etc/ has
# for the kind. FOLDER is for the configuration and logs, and folders that are made in it for the rest; USER is
# empty unless root starts it. FOLDER is then root's, whose files no other user may replace by links.
write_server() {
	local kind=$1
	mkdir -p "$3/site" "$3/fcgid" "$DOORWARD_SOCKETS"
	touch "$3/error.log"
	[ -z "$4" ] || chown "$4:" "$3/fcgid" "$3/error.log" "$DOORWARD_SOCKETS"
	shift
	case $kind in
	lighttpd | lighttpd-pools) write_lighttpd "$kind" "$@" ;;
	apache) write_apache apache.conf "$@" "${apache_modules[@]}" fcgid ;;
	apache-proxy) write_apache apache-proxy.conf "$@" "${apache_modules[@]}" proxy proxy_fcgi ;;
	apache-cgi) write_host "$@" ;;
	nginx) write_nginx "$@" ;;
	esac
}

# The files before them are what serves the rest of the host.
write_lighttpd() {
	cat <<EOF
server.bind = "127.0.0.1"
server.port = $2
server.document-root = "$3/site"
server.upload-dirs = ( "$DOORWARD_SOCKETS" )
server.errorlog = "$3/error.log"
server.pid-file = "$3/server.pid"
include "$top/etc/lighttpd.conf"
EOF
	[ "$1" = lighttpd ] || printf 'include "%s/etc/%s.conf"\n' "$top" "$1"
	[ -z "$4" ] || printf 'server.username = "%s"\nserver.groupname = "%s"\n' "$4" "$4"
}

apache_modules=(mpm_event authz_core alias asis env headers reqtimeout)

# write_apache_base PORT FOLDER USER MODULE…: what every Apache here has.
write_apache_base() {
	local modules=/usr/lib/apache2/modules module
	cat <<EOF
ServerRoot "$2"
ServerName 127.0.0.1
Listen 127.0.0.1:$1
PidFile "$2/server.pid"
DefaultRuntimeDir "$2"
ErrorLog "$2/error.log"
DocumentRoot "$2/site"
<Directory "$2/site">
	Require all granted
</Directory>
EOF
	[ -z "$3" ] || printf 'User %s\nGroup %s\n' "$3" "$3"
	shift 3
	for module in "$@"; do printf 'LoadModule %s_module %s/mod_%s.so\n' "$module" "$modules" "$module"; done
}

# write_apache FILE PORT FOLDER USER MODULE…
write_apache() {
	local file=$1 folder=$3 name
	shift
	write_apache_base "$@"
	for name in "${server_names[@]}"; do printf 'Define %s "%s"\n' "$name" "${!name}"; done
	[ -n "$DOORWARD_MOUNT" ] || printf 'Define DOORWARD_WHOLE_HOST\n'
	cat <<EOF
<IfModule fcgid_module>
	FcgidIPCDir "$folder/fcgid"
	FcgidProcessTableFile "$folder/fcgid_shm"
</IfModule>
Include "$top/etc/$file"
EOF
}

# A rented account's document root: the program in cgi-bin/, and nothing else there, since whatever is can be
# run by anyone; the pages; etc/htaccess. The admin command is where the link leads.
write_host() {
	local site=$2/site
	mkdir -p "$site/cgi-bin" "$site$DOORWARD_MOUNT"
	ln -s "$DOORWARD_PROGRAM" "$site/cgi-bin/doorward.fcgi"
	cp -r "$DOORWARD_PAGES" "$site$DOORWARD_MOUNT/pages"
	cp "$top/etc/htaccess" "$site$DOORWARD_MOUNT/.htaccess"
	cp "$top/etc/htaccess-pages" "$site$DOORWARD_MOUNT/pages/.htaccess"
	chmod -R go+rX "$site"
	write_account "$@" "$site"
	printf 'SetEnv DOORWARD_CONF "%s"\nSetEnv DOORWARD_URL "%s"\n' "$DOORWARD_CONF" "$DOORWARD_URL"
}

# write_account PORT FOLDER USER SITE: the Apache of a host for such accounts, whose owners cannot change it.
write_account() {
	local site=$4
	write_apache_base "$1" "$2" "$3" mpm_prefork authz_core alias env headers cgi rewrite mime dir autoindex negotiation
	# a process for each connection: as many as a busy host has
	cat <<EOF
StartServers 40
MinSpareServers 20
MaxSpareServers 60
TypesConfig /dev/null
DocumentRoot "$site"
<Directory "$site">
	AllowOverride All
	Require all granted
</Directory>
<FilesMatch "^\.ht">
	Require all denied
</FilesMatch>
<Directory "$site/cgi-bin">
	Options +ExecCGI
	SetHandler cgi-script
</Directory>
EOF
}

# nginx knows no names from outside, so they are filled in.
write_nginx() {
	local text name
	text=$(<"$top/etc/nginx.conf")
	for name in "${server_names[@]}"; do text=${text//"\${$name}"/"${!name}"}; done
	cat <<EOF
${3:+user $3;}
worker_processes 2;
pid $2/server.pid;
error_log $2/error.log;
events {}
http {
	access_log off;
	client_body_temp_path $2/body;
	fastcgi_temp_path $2/fastcgi;
	proxy_temp_path $2/proxy;
	scgi_temp_path $2/scgi;
	uwsgi_temp_path $2/uwsgi;
	server {
		listen 127.0.0.1:$1;
		root $2/site;
$text
	}
}
EOF
}

# run_server KIND CONFIGURATION FOLDER USER: runs a server in the foreground until SIGTERM, and its pool
# where that is apart. In place of the shell that calls, which must be one for this only.
run_server() {
	local web= pool=
	PATH=$PATH:/usr/sbin:/sbin
	if ! has_own_pool "$1"; then run_web "$1" "$2" "$3"; fi
	trap 'kill $web; wait $web; kill $pool; wait $pool; exit' TERM INT
	(run_pool "$3" "$4") >>"$3/error.log" 2>&1 &
	pool=$!
	wait_for 10 test -S "$DOORWARD_SOCKET"
	(run_web "$1" "$2" "$3") &
	web=$!
	wait $web
	kill $pool
	wait $pool
}

run_web() {
	case $1 in
	lighttpd*) exec lighttpd -D -f "$2" ;;
	# with mpm_prefork it ends all of its process group, which must not be ours
	apache-cgi) exec setsid apache2 -DFOREGROUND -f "$2" ;;
	apache*) exec apache2 -DFOREGROUND -f "$2" ;;
	nginx) exec nginx -g 'daemon off;' -e "$3/error.log" -c "$2" ;;
	esac
}

# run_pool FOLDER USER: spawn-fcgi makes the socket, multiwatch keeps as many responders as there are to
# be at it, and starts another where one dies.
run_pool() {
	exec spawn-fcgi -n -s "$DOORWARD_SOCKET" -M 600 ${2:+-u "$2" -g "$2" -U "$2" -G "$2"} -- \
		/usr/bin/multiwatch -f "$DOORWARD_POOL" -r 100 -t 1000 -s TERM -- "$DOORWARD_PROGRAM"
}
