# Rows of the guard's tests besides those of tests/http/lib.sh, which names the row that called by leaving
# out files of this name.

# What the policy can say besides.
errors+=(
	[PATH_NOT_ALLOWED]='403 50 ForbiddenError'
	[OTHER_DATABASE]='403 50 ForbiddenError'
	[OTHER_ORGANIZATION]='403 50 ForbiddenError'
)

# serves FILTER METHOD PATH [BODY [TOKEN [CURL OPTION…]]]: success, and this jq filter holds of the answer.
serves() {
	local filter=$1
	shift
	request "$@"
	if equal "$status" 200 && holds "$filter"; then pass; else
		printf '  %s\n' "$body"
		fail "$filter: $1 $2"
	fi
}

# is_page TEXT METHOD PATH…: success, and just this text.
is_page() {
	local text=$1
	shift
	request "$@"
	if equal "$status" 200 && equal "$body" "$text"; then pass; else fail "$1 $2"; fi
}
