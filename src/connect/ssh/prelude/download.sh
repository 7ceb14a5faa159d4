# PRINT LOGIN URL PATH SHA256 OWNER GROUP MODE: fetches to a stage and gives it its name, unless the file holds just that;
# with PRINT, hands the bytes over by standard output and leaves nothing. LOGIN says whether the URL holds a password.
lf_download() {
	lf_print=$1 lf_login=$2 lf_url=$3 lf_sum=$5
	lf_seek no "$4"
	shift 5
	lf_stage
	lf_fetch "./$lf_new" >&2 || lf_refuse "it could not be fetched"
	if [ -n "$lf_sum" ]; then
		lf_is=$(sha256sum <"./$lf_new")
		[ "${lf_is%% *}" = "$lf_sum" ] || lf_refuse "what came has the SHA-256 ${lf_is%% *}"
	fi
	if [ "$lf_print" = yes ]; then
		head -c 4194305 <"./$lf_new"
		lf_unstage
	elif lf_plain "../$lf_name" &&
		dd if="../$lf_name" iflag=nofollow,nonblock bs=65536 status=none | cmp -s -- - "./$lf_new"; then
		lf_unstage
		lf_access "$lf_name" "$@"
	else
		lf_place "$@" no no
	fi
}

# LOGIN URL: the SHA-256 of what it gives, or nothing where it cannot be had now.
lf_fetched() {
	lf_login=$1 lf_url=$2
	lf_enter /var/tmp || exit 1
	lf_stage
	(lf_fetch "./$lf_new") >/dev/null 2>&1 || exit 44
	sha256sum <"./$lf_new"
	lf_unstage
}

# FILE: lf_url to it, with whatever the host has. The URL may hold a password, so it stands in no process list.
lf_fetch() {
	case $lf_url in
	file://*)
		[ -f "${lf_url#file://}" ] || lf_refuse "${lf_url#file://} is not a regular file"
		dd if="${lf_url#file://}" iflag=nonblock bs=1048576 status=none >"$1"
		;;
	*)
		if command -v curl >/dev/null; then
			# What was asked for by https comes by nothing less.
			case $lf_url in https:*) lf_redirect='=https' ;; *) lf_redirect='=http,https' ;; esac
			# The speed limit ends a transfer of which nothing came for a minute.
			printf 'url = "%s"\n' "$lf_url" | curl -q -gfsSL --retry 3 --connect-timeout 30 --speed-limit 1 \
				--speed-time 60 --proto '=http,https' --proto-redir "$lf_redirect" -o "$1" -K -
		elif command -v wget >/dev/null; then
			printf '%s\n' "$lf_url" | wget -nv --tries=3 --timeout=60 -O "$1" -i -
		elif [ "$lf_login" = yes ]; then
			lf_refuse "the host has neither curl nor wget, and apt's own helper shows the URL's password to everybody"
		elif [ -x /usr/lib/apt/apt-helper ]; then
			/usr/lib/apt/apt-helper -q download-file "$lf_url" "$1" && [ -s "$1" ]
		else
			lf_refuse "the host has neither curl nor wget nor apt's own helper"
		fi
		;;
	esac
}
