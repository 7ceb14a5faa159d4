# PATH OWNER GROUP MODE: sets those that are not empty.
lf_access() {
	if [ -n "$2$3" ]; then
		chown -h -- "$2${3:+:$3}" "$1" || return
	fi
	[ -z "$4" ] || [ -L "$1" ] || chmod -- "$4" "$1"
}

# RECURSE FOLLOW PATH OWNER GROUP MODE
lf_set_access() {
	lf_path=$3
	[ "$2" = no ] || lf_through
	if [ "$1" = yes ]; then
		[ -z "$4$5" ] || chown -R -h -- "$4${5:+:$5}" "$lf_path" || exit 1
		[ -z "$6" ] || chmod -R -- "$6" "$lf_path"
	else
		lf_access "$lf_path" "$4" "$5" "$6"
	fi
}

# Looks through a link in lf_path, keeping newlines at the end of its target.
lf_through() {
	[ -L "$lf_path" ] || return 0
	lf_path=$(
		readlink -f -- "$lf_path" || exit 1
		echo .
	) || lf_refuse "the link leads nowhere a file could be made"
	lf_path=${lf_path%??}
}

# Sets lf_stage, a new file beside lf_path that only its owner can read.
lf_stage() {
	lf_folder=${lf_path%/*}/
	[ -d "$lf_folder" ] || lf_refuse "the folder $lf_folder is not there"
	[ ! -d "$lf_path" ] || lf_refuse "$lf_path is a folder"
	lf_stage=$(
		umask 077
		mktemp "$lf_folder.landfall.XXXXXXXXXX"
	) || exit 1
	trap 'rm -f "$lf_stage"' EXIT
	trap 'exit 1' INT TERM
}

# PATH SIZE OWNER GROUP MODE BACKUP FOLLOW VALIDATE...: puts standard input in place. `%s` in a word of VALIDATE comes as an
# empty word after the one before it and the one behind it: COUNT, then BEFORE BEHIND or WORD alone.
lf_write() {
	lf_path=$1
	[ "$7" = no ] || lf_through
	lf_stage
	cat >"$lf_stage" || exit 1
	[ "$(wc -c <"$lf_stage")" -eq "$2" ] || lf_refuse "not all of the content arrived"
	shift 2
	lf_place "$@"
}

# OWNER GROUP MODE BACKUP FOLLOW VALIDATE...: gives the staged file its access and its name. A link that is there by
# now gives way.
lf_place() {
	lf_owner=$1 lf_group=$2 lf_mode=$3 lf_backup=$4 lf_saved=
	shift 5
	if [ -e "$lf_path" ] && [ ! -L "$lf_path" ]; then
		# Only root may give a file away; anybody else keeps what he cannot give.
		chown -h -- "$(stat -c '%u:%g' -- "$lf_path")" "$lf_stage" 2>/dev/null || [ "$lf_uid" != 0 ] || exit 1
		lf_mode=${lf_mode:-$(stat -c %a -- "$lf_path")}
	fi
	lf_access "$lf_stage" "$lf_owner" "$lf_group" "${lf_mode:-$(printf %o $((0666 & ~0$(umask))))}" || exit 1
	[ $# = 0 ] || lf_validate "$@"
	if [ "$lf_backup" = yes ] && [ -e "$lf_path" ] && [ ! -L "$lf_path" ]; then
		lf_saved=$lf_path.$$.$(date +%Y-%m-%d@%H:%M:%S)~
		cp -p -- "$lf_path" "$lf_saved" || exit 1
	fi
	sync "$lf_stage" 2>/dev/null
	if ! lf_said=$(mv -f -T -- "$lf_stage" "$lf_path" 2>&1); then
		[ -z "$lf_saved" ] || rm -f -- "$lf_saved"
		case $lf_said in
		*'Device or resource busy'*) lf_refuse "something is mounted on $lf_path, so no new file can take its place; writing into it could be cut half-way" ;;
		*) lf_refuse "$lf_said" ;;
		esac
	fi
	trap - EXIT
	printf '%s' "$lf_saved"
}

# Each word comes as the number of its parts and the parts; the staged file's path goes between two parts.
lf_validate() {
	lf_turns=$#
	while [ "$lf_turns" -gt 0 ]; do
		lf_parts=$1 lf_word=$2
		shift 2
		lf_turns=$((lf_turns - 2))
		while [ "$lf_parts" -gt 1 ]; do
			lf_word=$lf_word$lf_stage$1
			shift
			lf_turns=$((lf_turns - 1)) lf_parts=$((lf_parts - 1))
		done
		set -- "$@" "$lf_word"
	done
	lf_said=$("$@" </dev/null 2>&1) || lf_refuse "refused by its check: $lf_said"
}

# PATH OWNER GROUP MODE: a folder, and those above it.
lf_mkdir() {
	[ ! -L "$1" ] || lf_refuse "a link is there"
	if [ -d "$1" ]; then
		lf_access "$1" "$2" "$3" "$4"
	else
		lf_made "$@"
	fi
}

lf_made() {
	[ ! -d "$1/" ] || return 0
	lf_made "${1%/*}" "$2" "$3" "$4" || return
	mkdir -- "$1" || [ -d "$1" ] || return
	lf_access "$1" "$2" "$3" "$4"
}

# Sets lf_stage to a name beside PATH that nothing has.
lf_free() {
	lf_stage=${1%/*}/.landfall.$$.$(date +%s)
	rm -f -- "$lf_stage"
}

# PATH TARGET
lf_link() {
	[ -L "$1" ] || [ ! -e "$1" ] || lf_refuse "something that is not a link stands at $1"
	lf_free "$1"
	ln -s -- "$2" "$lf_stage" && mv -f -T -- "$lf_stage" "$1"
}

# PATH TARGET
lf_hard_link() {
	[ ! -e "$1" ] || [ "$(stat -L -c %d:%i -- "$1")" != "$(stat -c %d:%i -- "$2")" ] || return 0
	[ ! -d "$1" ] || lf_refuse "$1 is a folder"
	lf_free "$1"
	ln -- "$2" "$lf_stage" && mv -f -T -- "$lf_stage" "$1"
}

lf_touch() {
	touch -- "$1"
}

lf_remove() {
	rm -rf -- "$1"
}
