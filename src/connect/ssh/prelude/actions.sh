# FUNCTION WORD...: an action whose output goes to files that have no name any more, so that neither a lost reader nor
# a process left in the background disturbs it, and nothing stays behind. Its latest line is told while it works.
lf_keep() {
	lf_out=$(mktemp "$lf_dir/XXXXXXXXXX" 2>&1) || lf_refuse "$lf_dir cannot be used: $lf_out"
	lf_err=$(mktemp "$lf_dir/XXXXXXXXXX" 2>&1) || lf_refuse "$lf_dir cannot be used: $lf_err"
	# shellcheck disable=SC2094
	exec 3>"$lf_out" 4>"$lf_err" 5<"$lf_out" 6<"$lf_err"
	rm -f "$lf_out" "$lf_err"
	lf_tell >/dev/null 3>&- 4>&- &
	lf_teller=$!
	(
		exec >&3 2>&4 3>&- 4>&- 5<&- 6<&-
		"$@"
	)
	lf_rc=$?
	kill "$lf_teller" 2>/dev/null
	wait "$lf_teller" 2>/dev/null
	# One more than an answer may have, so that the reader knows that there was more.
	head -c 8388609 <&5
	head -c 8388609 <&6 >&2
	return "$lf_rc"
}

# Tells the latest line of the kept output, whenever it is another one.
lf_tell() {
	lf_told_5='' lf_told_6=''
	while sleep 5 2>/dev/null 5<&- 6<&- && kill -0 "$$" 2>/dev/null; do
		if lf_latest 5 && [ "$lf_line" != "$lf_told_5" ]; then
			lf_told_5=$lf_line
			lf_say "$lf_line"
		elif lf_latest 6 && [ "$lf_line" != "$lf_told_6" ]; then
			lf_told_6=$lf_line
			lf_say "$lf_line"
		fi
	done
}

# FD: sets lf_line to the last line that is whole and not blank. Never a part of one: it could be the half of a secret,
# which nobody would know for one. What a carriage return ends was shown as a line too.
lf_latest() {
	lf_lines=$(
		tail -c 3000 "/proc/self/fd/$1" 2>/dev/null | tr '\r' '\n'
		echo .
	)
	lf_lines=${lf_lines%.}
	lf_size=${#lf_lines}
	while :; do
		case $lf_lines in *"$lf_newline"*) ;; *) return 1 ;; esac
		lf_lines=${lf_lines%"$lf_newline"*}
		lf_line=${lf_lines##*"$lf_newline"}
		case $lf_line in *[!\ \	]*) break ;; esac
	done
	# The first of a long text may have begun before it.
	case $lf_lines in *"$lf_newline"*) ;; *) [ "$lf_size" -lt 3000 ] ;; esac
}

# A package manager is worse off killed half-way than let run on, so it does not hear of a lost terminal.
lf_apt() {
	trap '' HUP
	lf_run "$@"
}

# Sets the time of apt's lists, which an update that brings nothing new does not do by itself. Of one that failed they
# are as old as can be, whatever apt's own hooks say: some of them may have come. Says in the last line when nothing did.
lf_apt_update() {
	trap '' HUP
	lf_before=$(lf_apt_time)
	(lf_run "$@")
	lf_rc=$?
	if [ "$lf_rc" = 0 ]; then
		lf_after=$(lf_apt_time)
		touch -c /var/lib/apt/lists
		case $lf_before in
		'' | 1.*) ;;
		"$lf_after") printf '\n%s\n' 'landfall: nothing new' ;;
		esac
	else
		touch -c -d @1 /var/lib/apt/lists /var/lib/apt/periodic/update-success-stamp
	fi
	return "$lf_rc"
}

# What Ansible compares before and after an update: the time that apt's hook notes down where there is one, else that of the
# folder, in which names change when another list comes.
lf_apt_time() {
	stat -c %.9Y -- /var/lib/apt/periodic/update-success-stamp 2>/dev/null || stat -c %.9Y -- /var/lib/apt/lists 2>/dev/null
}

lf_reboot() {
	[ -d /run/systemd/system ] || lf_refuse "the host has no systemd to restart it"
	systemctl --no-block reboot
}
