# The memory of notified handlers, one in hexadecimal a line. Everybody may read root's: whoever logs in next finds what
# root had to do.
lf_root_memory=/var/lib/landfall/handlers

lf_memory() {
	if [ "$lf_uid" = 0 ]; then
		lf_memory=$lf_root_memory
	else
		lf_memory=${XDG_STATE_HOME:-$HOME/.local/state}/landfall/handlers
	fi
}

# PLAYBOOK: says `USER HANDLER` of each that is noted: here, in root's memory, and, asked as root, in those of others.
lf_notified() {
	lf_memory
	lf_noted "$(id -un)" "$lf_memory/$1" "$lf_uid"
	if [ "$lf_uid" = 0 ]; then
		lf_noted_by_others "$1"
	else
		lf_noted root "$lf_root_memory/$1" 0
	fi
}

# USER FILE UID: what this user wrote there. What lies in a folder of theirs may be from somebody else, and what never
# ends is no memory.
lf_noted() {
	if [ -r "$2" ] && lf_plain "$2" && [ "$(stat -c %u -- "$2")" = "$3" ]; then
		dd if="$2" iflag=nofollow,nonblock bs=65536 count=16 status=none | while IFS= read -r lf_line; do
			echo "$1 $lf_line"
		done
	fi
}

# PLAYBOOK: only of those who may become root; what anybody else writes down must not make root do anything.
lf_noted_by_others() {
	getent passwd | while IFS=: read -r lf_user lf_line lf_id lf_line lf_line lf_folder lf_line; do
		lf_folder=$lf_folder/.local/state/landfall/handlers
		if [ "$lf_id" != 0 ] && [ -f "$lf_folder/$1" ] && sudo -n -l -U "$lf_user" /bin/sh >/dev/null 2>&1; then
			lf_noted "$lf_user" "$lf_folder/$1" "$lf_id"
		fi
	done
}

# PLAYBOOK HANDLER
lf_notify() {
	lf_memory
	umask 022
	mkdir -p -- "$lf_memory" || exit 1
	lf_absent "$lf_memory/$1" || lf_plain "$lf_memory/$1" || lf_refuse "$lf_memory/$1 is not a regular file: remove it"
	grep -qsx -- "$2" "$lf_memory/$1" || echo "$2" >>"$lf_memory/$1"
}

# PLAYBOOK HANDLER
lf_forget() {
	lf_memory
	lf_plain "$lf_memory/$1" || return 0
	umask 022
	grep -vx -- "$2" "$lf_memory/$1" >"$lf_memory/$1.$$"
	if [ -s "$lf_memory/$1.$$" ]; then
		mv -f -- "$lf_memory/$1.$$" "$lf_memory/$1"
	else
		rm -f -- "$lf_memory/$1.$$" "$lf_memory/$1"
	fi
}
