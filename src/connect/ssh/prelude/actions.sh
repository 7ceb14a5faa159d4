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

lf_reboot() {
	[ -d /run/systemd/system ] || lf_refuse "the host has no systemd to restart it"
	systemctl --no-block reboot
}
