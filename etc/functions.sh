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
