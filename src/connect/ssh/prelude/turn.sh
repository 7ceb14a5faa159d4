# Which run is at work, so that two never are.

# Sets lf_dir, a folder of this user alone, the same for every shell of this user whichever way it was entered, and
# where nobody else can make it first. In a folder that is open to all, others may take any name, so there the first
# that is our own counts, and a new one has a name that nobody foresees.
lf_home() {
	if [ "$lf_uid" = 0 ]; then
		lf_dir=/run/landfall
		lf_folder
		return
	fi
	if [ -O "${HOME-}" ] && [ -w "$HOME" ]; then
		# A home may be shared by several hosts.
		lf_dir=$HOME/.local/state/landfall/at-work-$(uname -n)
		lf_said=$(mkdir -p -- "${lf_dir%/*}" 2>&1) || lf_no_folder
		lf_folder
		return
	fi
	# One look however many there are, for anybody may make more.
	lf_dir=$(find /tmp -maxdepth 1 \( -name "landfall-$lf_uid" -o -name "landfall-$lf_uid.*" \) -type d -uid "$lf_uid" \
		-perm 0700 2>/dev/null | sort | head -n 1)
	[ -z "$lf_dir" ] || ! lf_is_own || return 0
	lf_dir=/tmp/landfall-$lf_uid
	if lf_said=$(mkdir -m 0700 -- "$lf_dir" 2>&1) || lf_is_own; then
		return
	fi
	case $lf_said in *'File exists'*) ;; *) lf_no_folder ;; esac
	lf_said=$(mktemp -d -- "$lf_dir.XXXXXXXXXX" 2>&1) || lf_no_folder
	lf_dir=$lf_said
}

# Makes lf_dir, unless another shell did meanwhile.
lf_folder() {
	lf_said=$(mkdir -m 0700 -- "$lf_dir" 2>&1)
	lf_is_own || lf_no_folder
}

lf_is_own() {
	[ "$(stat -c '%u %a %F' -- "$lf_dir" 2>&1)" = "$lf_uid 700 directory" ]
}

# Says in lf_said's words why there is no folder to work in, and what is full where that is why.
lf_no_folder() {
	[ -z "$lf_said" ] || lf_refuse "$lf_dir cannot be used: $lf_said"
	lf_refuse "$lf_dir is not a folder that only this user may enter"
}

# TEXT FILE: writes a line into a new file, never into what somebody put there, which might hold us up. A failure names
# the folder, and says that it is full where that is why.
lf_jot() {
	lf_said=$(printf '%s\n' "$1" | dd of="$2" conv=excl status=none 2>&1) || lf_no_folder
}

# PID: when the process began, in ticks; nothing for one that is gone.
lf_began() {
	lf_stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
	# shellcheck disable=SC2086
	set -- ${lf_stat##*) }
	echo "${20}"
}

# Says `live RUN PID SINCE` of a step that another shell is at, or `dead RUN PID SINCE` of one that died, and clears it.
# Any program of the user can write there: what is no short line in a file is no mark, and is cleared as well.
lf_holder() {
	! lf_absent "$lf_dir/step" || return 1
	lf_by='' lf_pid='' lf_ticks='' lf_since=''
	if lf_plain "$lf_dir/step"; then
		IFS=' ' read -r lf_by lf_pid lf_ticks lf_since <<-EOF
			$(dd if="$lf_dir/step" iflag=nofollow,nonblock bs=512 count=1 2>/dev/null | tr -cd '[:graph:] \n')
		EOF
	fi
	case $lf_pid:$lf_ticks:$lf_since in :* | *::* | *: | *[!0-9:]*) lf_by='' ;; esac
	if [ -n "$lf_by" ] && lf_works; then
		echo "live $lf_by $lf_pid $lf_since"
		return 0
	fi
	rm -f -- "$lf_dir/step" 2>/dev/null
	[ -z "$lf_by" ] || echo "dead $lf_by $lf_pid $lf_since"
	return 1
}

# Whether the process that a mark names is the one that was meant: another shell of ours, and of this user.
lf_works() {
	# shellcheck disable=SC2016
	[ "$lf_pid" != "$$" ] && [ "$(lf_began "$lf_pid")" = "$lf_ticks" ] &&
		[ "$(stat -c %u -- "/proc/$lf_pid" 2>/dev/null)" = "$lf_uid" ] &&
		grep -qsF 'n=${l#landfall }' "/proc/$lf_pid/cmdline"
}

# The first question of every shell.
lf_hello() {
	case $(type printf) in
	*builtin*) ;;
	*) lf_refuse "the host's sh has no printf of its own, so what is secret would show in its process list" ;;
	esac
	lf_home
	# What cannot be written later is better known before anything is done.
	lf_jot ok "$lf_dir/$lf_nonce.try"
	rm -f -- "$lf_dir/$lf_nonce.try"
	lf_holder
	return 0
}

# Waits some seconds for the step that another shell is at.
lf_await() {
	lf_home
	lf_turns=0
	while lf_holder >/dev/null && [ "$lf_turns" -lt "$1" ]; do
		sleep 1
		lf_turns=$((lf_turns + 1))
	done
	lf_holder
	return 0
}

# RUN FUNCTION WORD...: an action, while a file says whose it is. The file goes only when the action has ended, even if
# nobody is left to hear of it.
lf_step() {
	lf_home
	lf_mark=$lf_dir/$lf_nonce.step
	lf_jot "$1 $$ $(lf_began $$) $(date +%s)" "$lf_mark"
	lf_turns=0
	until lf_said=$(ln -T -- "$lf_mark" "$lf_dir/step" 2>&1); do
		lf_turns=$((lf_turns + 1))
		if [ "$lf_turns" = 100 ]; then
			rm -f -- "$lf_mark"
			lf_no_folder
		fi
		if lf_held=$(lf_holder); then
			rm -f "$lf_mark"
			lf_refuse "held $lf_held"
		fi
	done
	rm -f "$lf_mark"
	shift
	("$@")
	lf_rc=$?
	rm -f "$lf_dir/step"
	return "$lf_rc"
}
