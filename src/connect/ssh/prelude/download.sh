# URL PATH SHA256 OWNER GROUP MODE: fetches to a stage and gives it its name; with PRINT as the path's place taken by
# standard output, hands the bytes over and leaves nothing.
lf_download() {
	lf_print=$1 lf_url=$2 lf_path=$3 lf_sum=$4
	shift 4
	lf_stage
	lf_fetch >&2 || lf_refuse "it could not be fetched"
	if [ -n "$lf_sum" ]; then
		lf_is=$(sha256sum <"$lf_stage")
		[ "${lf_is%% *}" = "$lf_sum" ] || lf_refuse "what came has the SHA-256 ${lf_is%% *}"
	fi
	if [ "$lf_print" = yes ]; then
		head -c 4194305 <"$lf_stage"
	else
		lf_place "$@" no no
	fi
}

# lf_url to lf_stage, with whatever the host has.
lf_fetch() {
	case $lf_url in
	file://*)
		cat -- "${lf_url#file://}" >"$lf_stage"
		;;
	*)
		if command -v curl >/dev/null; then
			curl -fsSL --retry 3 --proto '=http,https' --proto-redir '=http,https' -o "$lf_stage" -- "$lf_url"
		elif command -v wget >/dev/null; then
			wget -nv -O "$lf_stage" -- "$lf_url"
		elif [ -x /usr/lib/apt/apt-helper ]; then
			/usr/lib/apt/apt-helper -q download-file "$lf_url" "$lf_stage" && [ -s "$lf_stage" ]
		else
			lf_refuse "the host has neither curl nor wget nor apt's own helper"
		fi
		;;
	esac
}
