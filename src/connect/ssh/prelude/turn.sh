# Which run is at work, so that two never are.

# Sets lf_dir, a folder of this user alone.
lf_home() {
	if [ "$lf_uid" = 0 ]; then
		lf_dir=/run/landfall
	elif [ -n "${XDG_RUNTIME_DIR-}" ] && [ -w "$XDG_RUNTIME_DIR" ]; then
		lf_dir=$XDG_RUNTIME_DIR/landfall
	else
		lf_dir=/tmp/landfall-$lf_uid
	fi
	mkdir -m 0700 "$lf_dir" 2>/dev/null
	[ "$(stat -c '%u %a %F' "$lf_dir" 2>&1)" = "$lf_uid 700 directory" ] ||
		lf_refuse "$lf_dir is not a folder that only this user may enter"
}

# PID: when the process began, in ticks; nothing for one that is gone.
lf_began() {
	lf_stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
	# shellcheck disable=SC2086
	set -- ${lf_stat##*) }
	echo "${20}"
}

# Says `live RUN PID SINCE` of a step that another shell is at, or `dead RUN PID SINCE` of one that died, and clears it.
lf_holder() {
	read -r lf_by lf_pid lf_ticks lf_since 2>/dev/null <"$lf_dir/step" || return 1
	if [ "$lf_pid" != "$$" ] && [ "$(lf_began "$lf_pid")" = "$lf_ticks" ]; then
		echo "live $lf_by $lf_pid $lf_since"
		return 0
	fi
	rm -f "$lf_dir/step"
	echo "dead $lf_by $lf_pid $lf_since"
	return 1
}

# The first question of every shell.
lf_hello() {
	case $(type printf) in
	*builtin*) ;;
	*) lf_refuse "the host's sh has no printf of its own, so what is secret would show in its process list" ;;
	esac
	lf_home
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
	lf_mark=$lf_dir/step.$$
	echo "$1 $$ $(lf_began $$) $(date +%s)" >"$lf_mark" || lf_refuse "$lf_dir cannot be written"
	lf_turns=0
	until ln "$lf_mark" "$lf_dir/step" 2>/dev/null; do
		lf_turns=$((lf_turns + 1))
		[ "$lf_turns" -lt 100 ] || lf_refuse "$lf_dir cannot be written"
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
