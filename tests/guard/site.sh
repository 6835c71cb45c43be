# The site, its policy, and who is there.

new_state guard '[server]' 'mount = /auth/' '[authorize]' 'policy = policy.conf'
for name in shop other; do
	doorward database add "$name" --item-id-type uuid --user-id-type uint32 >/dev/null
	declare "$name=$(doorward --json database list | jq -r ".[] | select(.name == \"$name\") | .id")"
done
for role in manager backend frontend; do
	printf 'a password\n' | doorward account add "$role" --role "$role" >/dev/null
done
id_of() { doorward --json account list | jq -r ".[] | select(.login == \"$1\") | .id"; }
account=$(id_of frontend) account_of_manager=$(id_of manager)
printf 'rootpassword\n' | doorward org add others --email root@example.org >/dev/null
organization=$(doorward --json org list | jq -r '.[] | select(.name == "default") | .id')

write_policy() {
	sed "s/DATABASE/$shop/" "$top/examples/notes/policy.conf"
	cat <<'CONF'
[for everybody]
path = /open/**
path = /open.php/**
roles = anyone

[one's own files]
path = /files/<user>/**
roles = frontend manager

[a script]
path = /env.php/**
methods = GET POST
roles = frontend manager

[a script that only the staff may post to]
path = /app/**
path = /shop/staff/**
methods = POST
roles = manager

[what else there is in its folder]
path = /app/**
roles = frontend manager

[a proxied application]
path = /shop/**
roles = frontend manager

[the staff, from any database]
path = /any/**
roles = manager
database = any

[the staff]
path = /staff/**
roles = manager
CONF
	printf '\n[our organization]\npath = /ours/**\nroles = manager root\ndatabase = none\norganization = %s\n' \
		"$organization"
}
# As an editor does that writes a new file and renames it, long ago as far as its time says.
put_policy() {
	cat >"$state/policy.new"
	touch -d '-1 minute' "$state/policy.new"
	[ "$(id -u)" != 0 ] || chown www-data: "$state/policy.new"
	mv "$state/policy.new" "$state/policy.conf"
}
as_server() {
	if [ "$(id -u)" != 0 ]; then "$@"; else
		setpriv --reuid www-data --regid www-data --init-groups "$@"
	fi
}
write_policy | put_policy
lay_out_site
start_site "$kind" || { cat "$site/error.log" "$site"/*.output; exit 1; }

# enter NAME USER DATABASE [MEMBER]: logs a service account in, for an end user where one is named.
enter() {
	login_as /auth/login/service/ "{\"name\":\"$1\",\"password\":\"a password\"
		$([ -z "$2" ] || printf ',"frontend_user_id":%s' "$2")
		$([ -z "$3" ] || printf ',"db_name":"%s"' "$3")}" "${4-token}"
}
ann=$(enter frontend 42 shop)
bob=$(enter frontend 7 shop)
ann_of_other=$(enter frontend 42 other)
manager=$(enter manager '' shop)
manager_of_other=$(enter manager '' other)
manager_without=$(enter manager '' '')
backend=$(enter backend '' shop)
root=$(login_as /auth/login/root/ '{"email":"root@example.com","password":"rootpassword"}')
root_of_others=$(login_as /auth/login/root/ '{"email":"root@example.org","password":"rootpassword"}')

# A token that will have expired when it is needed: the same state by another configuration, as plain CGI.
printf '[store]\ndirectory = %s\n[token]\njwt_lifetime = 1\n[password]\ncost = 1\n' "$state" >"$work/brief.conf"
expired=$(printf '{"name":"manager","password":"a password"}' | as_server env -i GATEWAY_INTERFACE=CGI/1.1 \
	DOORWARD_CONF="$work/brief.conf" REQUEST_METHOD=POST REQUEST_URI=/login/service/ CONTENT_LENGTH=42 \
	CONTENT_TYPE=application/json SCRIPT_NAME=/ "$DOORWARD_PROGRAM" | tail -n 1 | jq -r .token)
