# A new Debian system in a folder, with the package and two web servers, booted by its own systemd in
# namespaces of its own. Sourced by run; expects lib.sh and work.

system=
shut_down() {
	[ -n "$system" ] || return 0
	kill -KILL "$system" 2>/dev/null
	wait "$system" 2>/dev/null
	system=
	# its processes go with their namespace
	wait_for 10 find "$cgroup" -depth -type d -exec rmdir {} +
}

# make_system FOLDER PACKAGE: from the mirror that this machine itself uses.
make_system() {
	local sources=() file codename
	for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources; do
		if [ -s "$file" ]; then sources+=("$file"); fi
	done
	codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
	mmdebstrap --quiet --variant=minbase --include=systemd-sysv,lighttpd,apache2,curl,jq \
		--customize-hook='rm -f "$1/etc/systemd/system/multi-user.target.wants/apache2.service"' \
		--customize-hook="copy-in $2 /root" \
		--customize-hook='chroot "$1" sh -c "DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install /root/*.deb"' \
		"$codename" "$1" "${sources[@]}" >"$work/log" 2>&1 || { tail -n 20 "$work/log"; return 1; }
}

# What prepares the new namespaces, whose first process then becomes the system's systemd.
boot_script='set -e
mount --make-rprivate /
mount --bind "$0" "$0"
mount -t proc proc "$0/proc"
mount -t sysfs -o ro sysfs "$0/sys"
mount -t cgroup2 cgroup2 "$0/sys/fs/cgroup" || { mount -t tmpfs tmpfs "$0/sys/fs/cgroup" &&
	mount -t cgroup2 cgroup2 "$0/sys/fs/cgroup"; }
mount -t tmpfs tmpfs "$0/run"
mount -t tmpfs -o mode=755 tmpfs "$0/dev"
mknod -m 666 "$0/dev/null" c 1 3
mknod -m 666 "$0/dev/zero" c 1 5
mknod -m 666 "$0/dev/full" c 1 7
mknod -m 666 "$0/dev/random" c 1 8
mknod -m 666 "$0/dev/urandom" c 1 9
mknod -m 666 "$0/dev/tty" c 5 0
ln -s /proc/self/fd "$0/dev/fd"
mkdir "$0/dev/pts" "$0/dev/shm"
ln -s pts/ptmx "$0/dev/ptmx"
cd "$0"
mkdir -p host
pivot_root . host
umount -l /host
exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --system \
	systemd.unified_cgroup_hierarchy=1'

# boot FOLDER: sets system, and makes inside() run commands there.
boot() {
	cgroup=$(findmnt -nt cgroup2 -o TARGET | head -n 1)/doorward-test.$$
	mkdir "$cgroup" || return 1
	(
		echo $BASHPID >"$cgroup/cgroup.procs"
		exec unshare --pid --fork --kill-child --mount --ipc --uts --net --cgroup bash -c "$boot_script" "$1"
	) >"$work/boot" 2>&1 </dev/null &
	system=$!
	wait_for 30 inside systemctl is-active --quiet multi-user.target || { cat "$work/boot"; return 1; }
}
inside() { nsenter -t "$(pgrep -P "$system")" -a env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root "$@"; }

# asked PATH [CURL OPTION…]: sets status and body
asked() {
	body=$(inside curl -s --max-time 30 -w '\n%{http_code}' "http://127.0.0.1/doorward$1" "${@:2}" 2>&1)
	status=${body##*$'\n'} body=${body%$'\n'*}
}
health_is() { asked /health; equal "$status $body" "$1"; }
healthy() { health_is '200 {"status":"ok"}'; }
pids() { inside systemctl show --property MainPID --value 'doorward@*.service' | grep '[1-9]' | sort; }
# at once: a socket whose queue holds what arrives while a responder is away
survives_a_kill() {
	local before
	before=$(pids)
	inside systemctl kill --kill-whom=main --signal=KILL doorward@2.service
	healthy && wait_for 10 another_one "$before"
}
another_one() { [ "$(pids | wc -l)" = 4 ] && [ "$(pids)" != "$1" ]; }

# What holds behind each web server.
test_web_server() {
	check "$1: health" wait_for 10 healthy
	check "$1: there are four responders" wait_for 10 four_run
	asked /login/root/ -H 'Content-Type: application/json' \
		-d '{"email":"you@example.com","password":"a root password"}'
	check "$1: root logs in" equal "$status" 200
	root=$(jq -r .token <<<"$body")
	asked /login/jwt/ -d '' -H "Authorization: Bearer $root"
	check "$1: its token arrives" equal "$status $(jq -r .account.role <<<"$body")" '200 root'
	asked /login/jwt/ -d ''
	check "$1: none does not" equal "$status $(jq -r .error_code <<<"$body")" '401 21'
	asked /nothing
	check "$1: another path" equal "$status $(jq -r .error_code <<<"$body")" '404 60'
	asked /pages/verify.html
	check "$1: the pages" grep -q '<form' <<<"$body"
	asked /pages/../../../etc/passwd --path-as-is
	check "$1: nothing but the pages" test "$status" -ge 400
	asked /accounts/individual/ -H 'Content-Type: application/json' -H "Authorization: Bearer $root" \
		-d "{\"email\":\"$1@example.com\"}"
	check "$1: an account" equal "$status" 200
	check "$1: its mail is delivered in the sandbox" wait_for 15 mailed "$1@example.com"
	check "$1: a killed responder" survives_a_kill
}
four_run() { [ "$(inside systemctl list-units --no-legend --state=running 'doorward@*.service' | wc -l)" = 4 ]; }
mailed() { inside grep -rqs "To: $1" /var/lib/doorward/mail/new; }

test_clean_system() {
	local root=$work/root
	check 'a clean system' make_system "$root" "$1"
	check 'it boots' boot "$root" || return
	check 'systemd is content' equal "$(inside systemctl --failed --no-legend)" ''
	check 'before it is set up' wait_for 10 nothing_is_there
	# the one command
	check 'two web servers: which?' refuses_to_guess
	inside doorward-setup --email you@example.com --url http://localhost/doorward/ lighttpd <<<'a root password' >"$work/log" 2>&1
	check 'doorward-setup' test $? = 0
	test_web_server lighttpd
	check 'the responders are nobody else' equal \
		"$(inside stat -c %U $(pids | sed 's,^,/proc/,') | sort -u)" doorward
	check 'the store is private' equal "$(inside stat -c '%U %a' /var/lib/doorward /var/lib/doorward/keys.json | paste -s -)" \
		$'doorward 700\tdoorward 600'
	check 'the configuration, too' equal "$(inside stat -c '%U:%G %a' /etc/doorward/doorward.conf)" 'root:doorward 640'
	check 'and the socket' equal "$(inside stat -c '%G %a' /run/doorward.socket)" 'www-data 660'
	check 'the web server cannot read the keys' cannot_read /var/lib/doorward/keys.json
	check 'the links in mails' inside grep -rq 'http://localhost/doorward/pages/' /var/lib/doorward/mail/new
	check 'the command' inside doorward status >/dev/null
	check 'nothing belongs to another' equal "$(inside find /var/lib/doorward ! -user doorward)" ''
	check 'it can be run again' inside doorward-setup lighttpd >/dev/null 2>&1 </dev/null
	check 'and is well' wait_for 10 healthy
	inside systemctl restart doorward.target
	check 'the pool restarted' healthy
	check 'with four' wait_for 10 four_run

	inside systemctl disable --quiet --now lighttpd >/dev/null 2>&1
	check 'Apache instead' inside doorward-setup apache2 >/dev/null 2>&1 </dev/null
	test_web_server apache2
	check 'nothing was refused by the sandbox' equal \
		"$(inside journalctl --no-pager -o cat -u 'doorward@*' | grep -iE 'denied|not permitted|bad system call|SIGSYS')" ''

	check 'it goes' inside env DEBIAN_FRONTEND=noninteractive apt-get -qq -y purge doorward >/dev/null 2>&1
	check 'with its socket' equal "$(inside find /run -name 'doorward*')" ''
	check 'Apache goes on without' inside apache2ctl configtest >/dev/null 2>&1
	check 'people keep their accounts' inside test -f /var/lib/doorward/keys.json
	shut_down
}
nothing_is_there() { asked /health && [ "$status" = 404 ]; }
refuses_to_guess() { ! inside doorward-setup </dev/null >/dev/null 2>&1; }
cannot_read() { ! inside setpriv --reuid www-data --regid www-data --clear-groups cat "$1" >/dev/null 2>&1; }
