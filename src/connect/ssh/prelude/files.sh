# FOLLOW PATH OWNER GROUP MODE
lf_set_access() {
	lf_reach "$1" "$2" || lf_gone "$2"
	[ -e "./$lf_name" ] || [ -L "./$lf_name" ] || lf_gone "$2"
	shift 2
	lf_access "$lf_name" "$@"
}

# PATH: the words that chmod would have.
lf_gone() {
	lf_refuse "$1: No such file or directory"
}

# FOLLOW PATH: goes to where a file shall be.
lf_seek() {
	lf_asked=$2
	lf_reach "$1" "$2" || lf_refuse "the folder ${2%/*}/ is not there"
	if [ "$lf_name" = . ] || { [ -d "./$lf_name" ] && [ ! -L "./$lf_name" ]; }; then
		lf_refuse "$2 is a folder"
	fi
}

# PATH SIZE OWNER GROUP MODE BACKUP FOLLOW VALIDATE...: puts standard input in place. `%s` in a word of VALIDATE comes as an
# empty word after the one before it and the one behind it: COUNT, then BEFORE BEHIND or WORD alone.
lf_write() {
	lf_seek "$7" "$1"
	lf_stage
	(umask 077 && cat >"./$lf_new") || exit 1
	[ "$(wc -c <"./$lf_new")" -eq "$2" ] || lf_refuse "not all of the content arrived"
	shift 2
	lf_place "$@"
}

# SOURCE SHA256 PATH OWNER GROUP MODE BACKUP FOLLOW VALIDATE...: puts a copy of a file of the host in place.
lf_copy() {
	[ -e "$1" ] || lf_gone "$1"
	lf_file "$1"
	exec 8<. || exit 1
	lf_source=$lf_name
	lf_seek "$8" "$3"
	lf_stage
	(umask 077 && dd if="/proc/self/fd/8/$lf_source" iflag=nofollow,nonblock bs=1048576 status=none >"./$lf_new") ||
		lf_refuse "$1 could not be read, or was exchanged while it was copied"
	if [ -n "$2" ]; then
		lf_is=$(sha256sum <"./$lf_new")
		[ "${lf_is%% *}" = "$2" ] || lf_refuse "$1 was changed while it was copied"
	fi
	shift 3
	lf_place "$@"
}

# OWNER GROUP MODE BACKUP FOLLOW VALIDATE...: gives the staged file its access and its name. A link that is there by
# now gives way.
lf_place() {
	lf_owner=$1 lf_group=$2 lf_mode=$3 lf_backup=$4 lf_saved=''
	shift 5
	if [ -e "../$lf_name" ] && [ ! -L "../$lf_name" ]; then
		# Only root may give a file away; anybody else keeps what he cannot give.
		chown -h -- "$(stat -c '%u:%g' -- "../$lf_name")" "./$lf_new" 2>/dev/null || [ "$lf_uid" != 0 ] || exit 1
		lf_own "$lf_new" '' '' "$(stat -c %a -- "../$lf_name")" || exit 1
	else
		lf_usual=$(printf %o $((0666 & ~0$(umask))))
		# sudo's own judge complains of any other mode.
		[ "$lf_outside" != /etc/sudoers.d ] || lf_usual=440
		lf_own "$lf_new" '' '' "$lf_usual" || exit 1
	fi
	# Another owner takes set-id bits away, which belonged to the old one.
	lf_own "$lf_new" "$lf_owner" "$lf_group" "$lf_mode" || exit 1
	[ $# = 0 ] || lf_validate "$@"
	lf_judge
	if [ "$lf_backup" = yes ] && [ -e "../$lf_name" ] && [ ! -L "../$lf_name" ]; then
		lf_save
	fi
	sync "./$lf_new" 2>/dev/null
	if ! lf_said=$(mv -f -T -- "./$lf_new" "../$lf_name" 2>&1); then
		[ -z "$lf_saved" ] || rm -f -- "../$lf_saved"
		case $lf_said in
		*'Device or resource busy'*) lf_refuse "something is mounted on $lf_asked, so no new file can take its place; writing into it could be cut half-way" ;;
		*) lf_refuse "$lf_said" ;;
		esac
	fi
	lf_unstage
	[ -z "$lf_saved" ] || printf '%s' "${lf_outside%/}/$lf_saved"
}

# Keeps the old file beside the new one under a name with the time, and sets lf_saved to it.
lf_save() {
	if (cd -P .. && lf_alone); then
		lf_old=../$lf_name
	else
		lf_hold "$lf_name"
		lf_old=./$lf_new.old
	fi
	lf_plain "$lf_old" || lf_refuse "$lf_asked was exchanged while it was kept"
	lf_saved=$lf_name.$$.$(date +%Y-%m-%d@%H:%M:%S)~
	cp -p -- "$lf_old" "./$lf_new.saved" || exit 1
	mv -n -T -- "./$lf_new.saved" "../$lf_saved" 2>/dev/null
	if [ -e "./$lf_new.saved" ]; then
		# One of this second is there.
		lf_saved=${lf_saved%?}.$(date +%N)~
		mv -n -T -- "./$lf_new.saved" "../$lf_saved" || exit 1
		[ ! -e "./$lf_new.saved" ] || lf_refuse "$lf_outside/$lf_saved is there already"
	fi
}

# Each word comes as the number of its parts and the parts; the path of the new file goes between two parts. The check
# reads a copy at a place that nobody else can exchange.
lf_validate() {
	lf_bench
	cat <"./$lf_new" >"$lf_bench/$lf_name" || exit 1
	lf_turns=$#
	while [ "$lf_turns" -gt 0 ]; do
		lf_parts=$1 lf_word=$2
		shift 2
		lf_turns=$((lf_turns - 2))
		while [ "$lf_parts" -gt 1 ]; do
			lf_word=$lf_word$lf_bench/$lf_name$1
			shift
			lf_turns=$((lf_turns - 1)) lf_parts=$((lf_parts - 1))
		done
		set -- "$@" "$lf_word"
	done
	lf_said=$("$@" </dev/null 2>&1)
	lf_rc=$?
	rm -rf -- "$lf_bench"
	lf_bench=''
	[ "$lf_rc" = 0 ] || lf_refuse "refused by its check: $lf_said"
}

# PATH OWNER GROUP MODE: a folder, and those above it. What was made is taken away again where one of them cannot be had
# as it shall be, as an owner whom the host does not know.
lf_mkdir() {
	[ ! -L "$1" ] || lf_refuse "a link is there"
	lf_above=$1 lf_missing=''
	until lf_enter "${lf_above:-/}"; do
		lf_missing=${lf_above##*/}${lf_missing:+/$lf_missing}
		lf_above=${lf_above%/*}
	done
	shift
	if [ -z "$lf_missing" ]; then
		lf_access . "$@"
		return
	fi
	lf_made=''
	while [ -n "$lf_missing" ]; do
		lf_part=${lf_missing%%/*}
		case $lf_missing in
		*/*) lf_missing=${lf_missing#*/} ;;
		*) lf_missing='' ;;
		esac
		if mkdir -- "./$lf_part"; then
			lf_made=$lf_made/$lf_part
		else
			[ -d "./$lf_part" ] || lf_unmake
			# Whoever made it meanwhile keeps it, and what it is in.
			lf_made=''
		fi
		lf_into "$lf_part" || exit 1
		[ "$(stat -c %u .)" = "$lf_uid" ] || lf_refuse "$lf_in was exchanged while it was made"
		lf_access . "$@" || lf_unmake
	done
}

# Takes the folders of lf_made away, of which the last one is the current one, and ends. One that is not empty stays, with
# those above it: somebody else put something there.
lf_unmake() {
	while [ -n "$lf_made" ]; do
		if ! { cd -P .. && rmdir -- "./${lf_made##*/}" 2>/dev/null; }; then
			lf_refuse "the folder ${lf_made##*/} was made, and something in it keeps it there"
		fi
		lf_made=${lf_made%/*}
	done
	exit 1
}

# PATH TARGET
lf_link() {
	lf_asked=$1
	lf_parent "$1" || lf_refuse "the folder ${1%/*}/ is not there"
	[ -L "./$lf_name" ] || [ ! -e "./$lf_name" ] || lf_refuse "something that is not a link stands at $1"
	lf_stage
	ln -s -- "$2" "./$lf_new" || exit 1
	lf_judge
	mv -f -T -- "./$lf_new" "../$lf_name" || exit 1
	lf_unstage
}

# PATH TARGET
lf_hard_link() {
	lf_asked=$1
	lf_parent "$2" || lf_gone "$2"
	exec 8<. || exit 1
	lf_source=/proc/self/fd/8/$lf_name
	lf_parent "$1" || lf_refuse "the folder ${1%/*}/ is not there"
	[ ! -d "./$lf_name" ] || lf_refuse "$1 is a folder"
	lf_stage
	ln -P -- "$lf_source" "./$lf_new" || exit 1
	# Two names of one file are not exchanged by a rename.
	if [ ! -e "../$lf_name" ] || [ "$(stat -c %d:%i -- "../$lf_name")" != "$(stat -c %d:%i -- "./$lf_new")" ]; then
		lf_judge
		mv -f -T -- "./$lf_new" "../$lf_name" || exit 1
	fi
	lf_unstage
}

# FOLLOW PATH OWNER GROUP MODE: a new empty file with this access, or new times of what is there.
lf_touch() {
	lf_asked=$2
	lf_reach "$1" "$2" || lf_refuse "the folder ${2%/*}/ is not there"
	shift 2
	if [ -e "./$lf_name" ] || [ -L "./$lf_name" ]; then
		# First what may be refused, as an owner whom the host does not know; it may go into a folder for that.
		(lf_access "$lf_name" "$@") || exit
		touch -c -h -- "./$lf_name"
		return
	fi
	lf_stage
	: >"./$lf_new" || exit 1
	lf_own "$lf_new" "$@" || exit 1
	lf_judge
	mv -n -T -- "./$lf_new" "../$lf_name" || exit 1
	[ ! -e "./$lf_new" ] || lf_refuse "$lf_asked was made by somebody else meanwhile"
	lf_unstage
}

lf_remove() {
	if lf_parent "$1"; then
		rm -rf -- "./$lf_name"
	else
		(lf_here "$1") || [ $? = 44 ]
	fi
}
