# What sudo and sshd read is judged by their own programs before it gets its name, whoever writes it and however its
# path is written: together with the files that are read beside it, because a fault may lie in both of two files.

# The staged file, for its place.
lf_judge() {
	for lf_at in "${lf_outside%/}/$lf_name" "$lf_asked"; do
		case $lf_at in
		/etc/sudoers.d/*/* | /etc/ssh/sshd_config.d/*/*) ;;
		/etc/sudoers | /etc/sudoers.d/*)
			lf_judged sudo visudo /etc/sudoers "$lf_at"
			return
			;;
		/etc/ssh/sshd_config | /etc/ssh/sshd_config.d/*)
			lf_judged sshd sshd /etc/ssh/sshd_config "$lf_at"
			return
			;;
		esac
	done
}

# Sets lf_bench to a new folder of this user alone.
lf_bench() {
	lf_home
	lf_bench=$(mktemp -d "$lf_dir/XXXXXXXXXX") || lf_refuse "$lf_dir cannot be written"
}

# PROGRAM JUDGE MAIN PLACE
lf_judged() {
	if ! command -v "$2" >/dev/null; then
		# Nothing is there that reads it.
		command -v "$1" >/dev/null || return 0
		lf_refuse "the host has no $2 to judge $4 by"
	fi
	lf_bench
	mkdir -- "$lf_bench/d" || exit 1
	for lf_each in "$3".d/*; do
		[ ! -f "$lf_each" ] || cat -- "$lf_each" >"$lf_bench/d/${lf_each##*/}" || exit 1
	done
	[ ! -f "$3" ] || lf_moved "$1" <"$3" >"$lf_bench/main" || exit 1
	lf_beside=$lf_bench/d/${4##*/}
	if [ "$4" = "$3" ]; then
		# Beside nothing has this name.
		lf_beside=$lf_bench/new
		lf_candidate | lf_moved "$1" >"$lf_bench/main" || exit 1
	else
		lf_candidate >"$lf_beside" || exit 1
	fi
	lf_verdict "$2" "$3" "$4"
	if [ "$lf_rc" != 0 ]; then
		lf_first=$lf_said
		rm -f -- "$lf_beside"
		if [ "$4" = "$3" ]; then
			rm -f -- "$lf_bench/main"
			[ ! -f "$3" ] || lf_moved "$1" <"$3" >"$lf_bench/main" || exit 1
		elif [ -f "$4" ]; then
			cat -- "$4" >"$lf_beside" || exit 1
		fi
		lf_verdict "$2" "$3" "$4"
		# What is refused in the same words as things stand is nothing that the new file brings; but it may hide what does.
		if [ "$lf_rc" = 0 ] || [ "$lf_said" != "$lf_first" ]; then
			lf_refuse "refused by $2: $lf_first"
		fi
		lf_by_itself "$2" "$3" "$4"
	fi
	rm -rf -- "$lf_bench"
	lf_bench=''
}

# The new file's text. A link is judged by what it leads to.
lf_candidate() {
	if [ -L "./$lf_new" ]; then
		lf_says=$(readlink -- "./$lf_new")
		case $lf_says in
		/*) ;;
		*) lf_says=${lf_outside%/}/$lf_says ;;
		esac
		if [ -f "$lf_says" ]; then cat -- "$lf_says"; fi
	else
		cat <"./$lf_new"
	fi
}

# PROGRAM: standard input with the folder of drop-ins moved to the bench.
lf_moved() {
	case $1 in
	sudo) sed "s|^\([@#]includedir\)[[:blank:]]\{1,\}\"\{0,1\}\(/etc/\)\{0,1\}sudoers\.d/\{0,1\}\"\{0,1\}[[:blank:]]*\$|\1 $lf_bench/d|" ;;
	*) sed "/^[[:blank:]]*include/Is|\([[:blank:]=\"]\)\(/etc/ssh/\)\{0,1\}sshd_config\.d/|\1$lf_bench/d/|g" ;;
	esac
}

# JUDGE MAIN PLACE: the new file without those beside it, of which one is at fault. What is said of an empty one is not
# about files.
lf_by_itself() {
	: >"$lf_beside"
	lf_verdict "$1" "$2" "$3" alone
	lf_first=$lf_said
	lf_candidate >"$lf_beside"
	lf_verdict "$1" "$2" "$3" alone
	[ "$lf_rc" = 0 ] || [ "$lf_said" = "$lf_first" ] || lf_refuse "refused by $1: $lf_said"
}

# JUDGE MAIN PLACE [alone]: sets lf_rc and lf_said, in which every path is the one that is meant.
lf_verdict() {
	lf_sees=$lf_bench/main
	case ${4:-$2.$3} in
	alone) lf_sees=$lf_beside ;;
	# Names that sudo and sshd pass over are judged alone.
	/etc/sudoers./etc/sudoers.d/*.* | /etc/sudoers./etc/sudoers.d/*~) lf_sees=$lf_beside ;;
	/etc/ssh/sshd_config./etc/ssh/sshd_config.d/*.conf) ;;
	/etc/ssh/sshd_config./etc/ssh/sshd_config.d/*) lf_sees=$lf_beside ;;
	esac
	[ -e "$lf_sees" ] || lf_sees=$lf_beside
	lf_said='' lf_rc=0
	[ -e "$lf_sees" ] || return 0
	case $1 in
	visudo) lf_said=$(visudo -cf "$lf_sees" 2>&1) ;;
	*) lf_said=$("$(command -v sshd)" -t -f "$lf_sees" 2>&1) ;;
	esac
	lf_rc=$?
	lf_said=$(printf '%s\n' "$lf_said" | sed "s|$lf_bench/main|$2|g; s|$lf_bench/d/|$2.d/|g")
}
