# The memory of notified handlers, one in hexadecimal a line.
lf_notified() {
	lf_memory
	[ ! -e "$lf_memory/$1" ] || cat -- "$lf_memory/$1"
}

lf_memory() {
	if [ "$lf_uid" = 0 ]; then
		lf_memory=/var/lib/landfall/handlers
	else
		lf_memory=${XDG_STATE_HOME:-$HOME/.local/state}/landfall/handlers
	fi
}

# PLAYBOOK HANDLER
lf_notify() {
	lf_memory
	mkdir -p -- "$lf_memory" || exit 1
	grep -qsx -- "$2" "$lf_memory/$1" || echo "$2" >>"$lf_memory/$1"
}

# PLAYBOOK HANDLER
lf_forget() {
	lf_memory
	[ -e "$lf_memory/$1" ] || return 0
	grep -vx -- "$2" "$lf_memory/$1" >"$lf_memory/$1.$$"
	if [ -s "$lf_memory/$1.$$" ]; then
		mv -f -- "$lf_memory/$1.$$" "$lf_memory/$1"
	else
		rm -f -- "$lf_memory/$1.$$" "$lf_memory/$1"
	fi
}
