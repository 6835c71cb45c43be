# Shell functions that ./serve, ./check and the tests share. Sourced; expects top, the source folder.

say() { printf '%s\n' "$*"; }
die() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

# The packages of etc/packages for the given purposes that are not installed.
missing_packages() {
	local purpose packages package
	while read -r purpose packages; do
		case " $* " in *" $purpose "*) ;; *) continue ;; esac
		for package in $packages; do
			dpkg-query -W -f '${Status}' "$package" 2>/dev/null |
				grep -q 'ok installed' || printf '%s\n' "$package"
		done
	done <"$top/etc/packages" | sort -u
}

# Installs what is missing, or says what to install.
need_packages() {
	local missing
	command -v dpkg-query >/dev/null || return 0 # not Debian: configure says what it misses
	missing=$(missing_packages "$@" | tr '\n' ' ')
	[ -n "$missing" ] || return 0
	[ "$(id -u)" = 0 ] || die "please install these packages first: $missing"
	say "Installing $missing" >&2
	# A package's server must not start by itself: ours uses its program only.
	{
		DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -qq -y \
			--no-install-recommends $missing ||
			{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
				apt-get install -qq -y --no-install-recommends $missing; }
	} >/dev/null 2>&1 || die "could not install: $missing"
}

# A free port on 127.0.0.1: the kernel's choice, by a listener that is gone again.
free_port() {
	python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# Waits up to SECONDS for a command to succeed: wait_for SECONDS COMMAND…
wait_for() {
	local tries=$(($1 * 20))
	shift
	while ! "$@" >/dev/null 2>&1; do
		[ $((tries -= 1)) -gt 0 ] || return 1
		sleep 0.05
	done
}

# Writes the configuration of a web server that runs etc/$kind.conf in the foreground:
#   write_server KIND PORT FOLDER USER
# FOLDER is for sockets and logs; the names that etc/$kind.conf lists are in the environment. USER is
# empty unless root starts it.
write_server() {
	case $1 in
	lighttpd) write_lighttpd "$2" "$3" "$4" ;;
	apache) write_apache "$2" "$3" "$4" ;;
	esac
}

write_lighttpd() {
	cat <<EOF
server.bind = "127.0.0.1"
server.port = $1
server.errorlog = "$2/error.log"
include "$top/etc/lighttpd.conf"
EOF
	[ -z "$3" ] || printf 'server.username = "%s"\nserver.groupname = "%s"\n' "$3" "$3"
}

write_apache() {
	local modules=/usr/lib/apache2/modules module
	cat <<EOF
ServerRoot "$2"
ServerName 127.0.0.1
Listen 127.0.0.1:$1
PidFile "$2/apache.pid"
DefaultRuntimeDir "$2"
ErrorLog "$2/error.log"
EOF
	for module in mpm_event authz_core alias env headers fcgid; do
		printf 'LoadModule %s_module %s/mod_%s.so\n' "$module" "$modules" "$module"
	done
	cat <<EOF
FcgidIPCDir "$2/fcgid"
FcgidProcessTableFile "$2/fcgid_shm"
Define DOORWARD_PROGRAM "$DOORWARD_PROGRAM"
Define DOORWARD_BIN "${DOORWARD_PROGRAM%/*}"
Define DOORWARD_CONF "$DOORWARD_CONF"
Define DOORWARD_URL "$DOORWARD_URL"
Define DOORWARD_PAGES "$DOORWARD_PAGES"
Define DOORWARD_POOL $DOORWARD_POOL
Include "$top/etc/apache.conf"
EOF
	[ -z "$3" ] || printf 'User %s\nGroup %s\n' "$3" "$3"
}

# The command that runs a server in the foreground: run_server KIND CONFIGURATION (replaces the shell)
run_server() {
	PATH=$PATH:/usr/sbin:/sbin
	case $1 in
	lighttpd) exec lighttpd -D -f "$2" ;;
	apache) exec apache2 -DFOREGROUND -f "$2" ;;
	esac
}
