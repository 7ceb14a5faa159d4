# PRINT LOGIN URL PATH SHA256 OWNER GROUP MODE: fetches to a stage and gives it its name, unless the file holds just that;
# with PRINT, hands the bytes over by standard output and leaves nothing. LOGIN says whether the URL holds a password.
lf_download() {
	lf_print=$1 lf_login=$2 lf_url=$3 lf_path=$4 lf_sum=$5
	shift 5
	lf_stage
	lf_fetch >&2 || lf_refuse "it could not be fetched"
	if [ -n "$lf_sum" ]; then
		lf_is=$(sha256sum <"$lf_stage")
		[ "${lf_is%% *}" = "$lf_sum" ] || lf_refuse "what came has the SHA-256 ${lf_is%% *}"
	fi
	if [ "$lf_print" = yes ]; then
		head -c 4194305 <"$lf_stage"
	elif [ ! -L "$lf_path" ] && cmp -s -- "$lf_stage" "$lf_path"; then
		rm -f -- "$lf_stage"
		lf_access "$lf_path" "$@"
	else
		lf_place "$@" no no
	fi
}

# lf_url to lf_stage, with whatever the host has. The URL may hold a password, so it stands in no process list.
lf_fetch() {
	case $lf_url in
	file://*)
		cat -- "${lf_url#file://}" >"$lf_stage"
		;;
	*)
		if command -v curl >/dev/null; then
			# What was asked for by https comes by nothing less.
			case $lf_url in https:*) lf_redirect='=https' ;; *) lf_redirect='=http,https' ;; esac
			# The speed limit ends a transfer of which nothing came for a minute.
			printf 'url = "%s"\n' "$lf_url" | curl -q -gfsSL --retry 3 --connect-timeout 30 --speed-limit 1 \
				--speed-time 60 --proto '=http,https' --proto-redir "$lf_redirect" -o "$lf_stage" -K -
		elif command -v wget >/dev/null; then
			printf '%s\n' "$lf_url" | wget -nv --tries=3 --timeout=60 -O "$lf_stage" -i -
		elif [ "$lf_login" = yes ]; then
			lf_refuse "the host has neither curl nor wget, and apt's own helper shows the URL's password to everybody"
		elif [ -x /usr/lib/apt/apt-helper ]; then
			/usr/lib/apt/apt-helper -q download-file "$lf_url" "$lf_stage" && [ -s "$lf_stage" ]
		else
			lf_refuse "the host has neither curl nor wget nor apt's own helper"
		fi
		;;
	esac
}
