# FUNCTION WORD...: an action whose output goes to files that have no name any more, so that neither a lost reader nor
# a process left in the background disturbs it, and nothing stays behind.
lf_keep() {
	lf_out=$(mktemp "$lf_dir/XXXXXXXXXX") || lf_refuse "$lf_dir cannot be written"
	lf_err=$(mktemp "$lf_dir/XXXXXXXXXX") || lf_refuse "$lf_dir cannot be written"
	# shellcheck disable=SC2094
	exec 3>"$lf_out" 4>"$lf_err" 5<"$lf_out" 6<"$lf_err"
	rm -f "$lf_out" "$lf_err"
	(
		exec >&3 2>&4 3>&- 4>&- 5<&- 6<&-
		"$@"
	)
	lf_rc=$?
	cat <&5
	cat <&6 >&2
	return "$lf_rc"
}

# A package manager is worse off killed half-way than let run on, so it does not hear of a lost terminal.
lf_apt() {
	trap '' HUP
	lf_run "$@"
}

# Sets the time of apt's lists, which an update that brings nothing new does not do by itself. Of one that failed they
# are as old as can be, whatever apt's own hooks say: some of them may have come.
lf_apt_update() {
	trap '' HUP
	(lf_run "$@")
	lf_rc=$?
	if [ "$lf_rc" = 0 ]; then
		touch -c /var/lib/apt/lists
	else
		touch -c -d @1 /var/lib/apt/lists /var/lib/apt/periodic/update-success-stamp
	fi
	return "$lf_rc"
}

lf_reboot() {
	[ -d /run/systemd/system ] || lf_refuse "the host has no systemd to restart it"
	systemctl --no-block reboot
}
