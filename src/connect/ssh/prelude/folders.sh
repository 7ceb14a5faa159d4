# Work in folders that others may own. A folder is held as the current one, and every later name is relative to it, so
# that whoever may rename things in it or above it cannot lead what is done elsewhere.

# Sets lf_in to the real path of the folder that was just entered, as the kernel tells it. Dash asks the kernel at each
# `cd -P`; bash works the path out before.
lf_where() {
	lf_in=$PWD
	[ -z "${BASH_VERSION-}" ] || {
		lf_in=$(env pwd -P && echo .) || exit 1
		lf_in=${lf_in%??}
	}
}

# FOLDER: goes into it. Where links are on the way, each must be one to trust.
lf_enter() {
	cd -P -- "$1" 2>/dev/null || return 1
	lf_where
	[ "$lf_in" = "$1" ] || lf_walk "$1" folder
}

# PATH: goes into the folder it is in and sets lf_name, its name there; `.` for a path that names a folder by dots.
lf_parent() {
	lf_last=${1##*/} lf_folder=${1%/*}
	case $lf_last in
	'' | . | ..) lf_last=. lf_folder=$1 ;;
	esac
	lf_enter "${lf_folder:-/}" || return
	lf_name=$lf_last
}

# FOLLOW PATH: the same; with FOLLOW, through a link that has the name. A folder behind it is entered.
lf_reach() {
	lf_parent "$2" || return
	if [ "$1" = yes ] && [ -L "./$lf_name" ]; then
		lf_walk "$2" file
	fi
}

# FOLLOW PATH: tells where it leads, without links, and refuses what an action would refuse. Of what is not there yet, the
# way as far as it goes, and the rest as it is written.
lf_way() {
	lf_ahead=$2 lf_asked=$2
	until lf_reach "$1" "$lf_ahead"; do
		lf_ahead=${lf_ahead%/*}
		if [ -z "$lf_ahead" ]; then
			printf %s "$lf_asked"
			return 0
		fi
		set -- yes
	done
	[ "$lf_name" = . ] || lf_in=${lf_in%/}/$lf_name
	printf %s "$lf_in${lf_asked#"$lf_ahead"}"
}

# NAME: goes into a folder of the current one that is no link.
lf_into() {
	lf_next=${lf_in%/}/$1
	cd -P "./$1" 2>/dev/null || return 1
	lf_where
	[ "$lf_in" = "$lf_next" ] || lf_refuse "$lf_next was exchanged while it was entered"
}

# PATH folder|file: goes the path step by step; lf_name as above.
lf_walk() {
	lf_rest=$1 lf_kind=$2 lf_whose='' lf_hops=0 lf_name=.
	cd -P / || exit 1
	lf_where
	while [ -n "$lf_rest" ]; do
		lf_part=${lf_rest%%/*}
		case $lf_rest in
		*/*) lf_rest=${lf_rest#*/} ;;
		*) lf_rest='' ;;
		esac
		case $lf_part in
		'' | .) continue ;;
		..)
			cd -P .. || exit 1
			lf_where
			continue
			;;
		esac
		if [ -L "./$lf_part" ]; then
			lf_follow "$lf_part"
		elif [ "$lf_kind" = file ] && [ -z "$lf_rest" ] && [ ! -d "./$lf_part" ]; then
			lf_name=$lf_part
		else
			lf_into "$lf_part" || return
		fi
	done
	[ -z "$lf_whose" ] || [ "$(stat -c %u .)" = "$lf_whose" ] ||
		lf_refuse "$1 leads over a link of user $lf_whose to $lf_in, which is not a folder of theirs"
}

# NAME: puts what the link says before the rest of the way. In a folder that only root and this user may change it is
# trusted; elsewhere it may lead to nothing but a folder of whoever can have put it there, who gains nothing by it.
lf_follow() {
	lf_hops=$((lf_hops + 1))
	[ "$lf_hops" -le 40 ] || lf_refuse "${lf_in%/}/$1 leads over too many links"
	lf_says=$(readlink -- "./$1" && echo .) || lf_refuse "${lf_in%/}/$1 was exchanged while it was read"
	lf_says=${lf_says%??}
	# Of the folder the owner and the mode, of the link the owner.
	# shellcheck disable=SC2046
	set -- "$1" $(stat -c '%u %a' . && stat -c %u -- "./$1")
	lf_who=''
	case $2 in
	0 | "$lf_uid")
		case $3 in
		# By the sticky bit each may put there what is their own.
		[1357]?[2367]? | [1357]??[2367]) lf_who=$4 ;;
		*[2367]) lf_refuse "anybody may have put the link ${lf_in%/}/$1 there" ;;
		# Whom the owner let in by a group is trusted with the owner's own links.
		*[2367]?) lf_who=$4 ;;
		esac
		;;
	*) lf_who=$2 ;;
	esac
	case $lf_who in
	'' | 0 | "$lf_uid") ;;
	*)
		[ -z "$lf_whose" ] || [ "$lf_whose" = "$lf_who" ] || lf_refuse "${lf_in%/}/$1 is one of several links of several users"
		lf_whose=$lf_who
		;;
	esac
	case $lf_says in
	/*)
		cd -P / || exit 1
		lf_where
		;;
	esac
	lf_rest=$lf_says${lf_rest:+/$lf_rest}
}

# Whether nobody but root and this user may change the names in the current folder.
lf_alone() {
	lf_by=$(stat -c '%u %a' .) || exit 1
	case $lf_by in
	*[2367] | *[2367]?) return 1 ;;
	"0 "* | "$lf_uid "*) return 0 ;;
	*) return 1 ;;
	esac
}

# Makes a folder in the current one that nobody else may enter, and goes into it. Its owner's folder may be renamed by
# others, but they can neither look into this one, nor put anything there, nor take it to another folder. Sets lf_new to
# a free name in it that nobody could have known.
lf_stage() {
	lf_outside=$lf_in lf_staged=no lf_bench=''
	lf_stage=$(mktemp -d ./.landfall.XXXXXXXXXX) || exit 1
	lf_stage=${lf_stage#./} lf_new=$lf_stage
	trap lf_unstage EXIT
	trap 'exit 1' INT TERM
	lf_into "$lf_stage" || exit 1
	case $(stat -c '%u %a' .) in
	"$lf_uid "700 | "$lf_uid "2700) lf_staged=yes ;;
	*) lf_refuse "$lf_in was exchanged while it was made" ;;
	esac
}

# Goes back and takes the folder away.
lf_unstage() {
	trap - EXIT
	[ -z "$lf_bench" ] || rm -rf -- "$lf_bench"
	case $lf_staged in
	yes)
		lf_staged=no
		rm -f -- "./$lf_new" "./$lf_new.old" "./$lf_new.saved"
		cd -P .. && lf_where && rmdir -- "./$lf_stage" 2>/dev/null
		;;
	esac
	return 0
}

# NAME OWNER GROUP MODE: sets those that are not empty on what nobody else can exchange.
lf_own() {
	if [ -n "$2$3" ]; then
		chown -h -- "$2${3:+:$3}" "./$1" || return
	fi
	[ -z "$4" ] || [ -L "./$1" ] || chmod -- "$4" "./$1"
}

# NAME OWNER GROUP MODE: the same on anything in the current folder. A file is held by a second name where nobody else
# comes, because chmod follows whatever link has come into the first one's place.
lf_access() {
	[ -n "$2$3$4" ] || return 0
	if [ -d "./$1" ] && [ ! -L "./$1" ]; then
		[ "$1" = . ] || lf_into "$1" || return
		shift
		lf_own . "$@"
	elif lf_alone; then
		lf_own "$@"
	else
		lf_stage
		lf_hold "$1"
		shift
		lf_own "$lf_new.old" "$@" || exit 1
		lf_unstage
	fi
}

# NAME: gives what has this name outside the stage another one in it.
lf_hold() {
	ln -P -- "../$1" "./$lf_new.old" || lf_refuse "$lf_outside/$1 has an owner who may exchange it, and its file system knows no second names to hold it by"
	# Where anybody may link to anything, it may be a file from elsewhere.
	if lf_plain "./$lf_new.old" && [ "$(stat -c %h "./$lf_new.old")" -gt 2 ] &&
		[ "$(cat /proc/sys/fs/protected_hardlinks 2>/dev/null)" != 1 ]; then
		lf_refuse "$lf_outside/$1 has other names, which may lie outside its owner's folder"
	fi
}

# PATH: whether a regular file is there, and no link to one.
lf_plain() {
	[ -f "$1" ] && [ ! -L "$1" ]
}

# PATH: whether nothing has this name, not even a link that leads nowhere.
lf_absent() {
	[ ! -e "$1" ] && [ ! -L "$1" ]
}
