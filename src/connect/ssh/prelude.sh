# shellcheck shell=sh disable=SC2317,SC2329
# What every shell on a host knows before it is asked anything. Plain POSIX sh with coreutils.
#
# It reads requests from standard input: a line `NONCE SIZE`, then SIZE bytes of shell text, which calls `lf_item` for
# each question or action, then the bytes that some of them take. Each answer stands between two marks with the nonce,
# on standard output and on standard error alike.

lf_language=${LC_ALL-}
LC_ALL=C
export LC_ALL
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
export PATH
lf_uid=$(id -u)
cd "${HOME:-/}" 2>/dev/null || cd / || exit 1

lf_serve() {
	while IFS=' ' read -r lf_nonce lf_size; do
		lf_text "$lf_size"
		eval "$lf_got"
	done
}

# Exactly so many bytes of text; never one more, because what follows is for somebody else.
lf_text() {
	lf_got=
	while [ "${#lf_got}" -lt "$1" ]; do
		lf_part=$(
			dd bs=$(($1 - ${#lf_got})) count=1 2>/dev/null
			echo .
		)
		lf_part=${lf_part%.}
		[ -n "$lf_part" ] || exit 1
		lf_got=$lf_got$lf_part
	done
}

# INDEX SIZE FUNCTION WORD...: one question or action, given SIZE bytes of the request as its standard input.
lf_item() {
	lf_index=$1 lf_bytes=$2
	shift 2
	printf '\n%s< %s\n' "$lf_nonce" "$lf_index"
	printf '\n%s< %s\n' "$lf_nonce" "$lf_index" >&2
	if [ "$lf_bytes" = 0 ]; then
		("$@") </dev/null
	else
		lf_take "$lf_bytes" | {
			("$@")
			lf_rc=$?
			cat >/dev/null
			exit "$lf_rc"
		}
	fi
	lf_rc=$?
	printf '\n%s> %s %s\n' "$lf_nonce" "$lf_index" "$lf_rc"
	printf '\n%s> %s %s\n' "$lf_nonce" "$lf_index" "$lf_rc" >&2
}

# Exactly so many bytes of anything, to standard output.
lf_take() {
	if dd if=/dev/null count=0 iflag=fullblock 2>/dev/null; then
		dd bs=65536 count=$(($1 / 65536)) iflag=fullblock 2>/dev/null
		[ $(($1 % 65536)) = 0 ] || dd bs=$(($1 % 65536)) count=1 iflag=fullblock 2>/dev/null
	else
		dd bs=1 count="$1" 2>/dev/null
	fi
}

# Ends the question or action with words of our own, which no output of a program can be mistaken for.
lf_refuse() {
	printf '%s= %s' "$lf_nonce" "$*" >&2
	exit 1
}

# Which run is at work.

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

# Questions. They exit with 44 where what they were asked for is not there.

lf_here() {
	[ -e "$1" ] || [ -L "$1" ] || {
		# A folder that may not be searched looks like nothing at all; only stat says which.
		case $(stat -- "$1" 2>&1 >/dev/null) in
		*'Permission denied') stat -- "$1" >/dev/null || exit 1 ;;
		*) exit 44 ;;
		esac
	}
}

lf_stat() {
	lf_here "$2"
	if [ "$1" = yes ]; then
		[ -e "$2" ] || exit 44
		stat -L -c '%f %u %g %s %Y %X %Z %i %h %U %G' -- "$2"
	else
		stat -c '%f %u %g %s %Y %X %Z %i %h %U %G' -- "$2" || exit 1
		[ ! -L "$2" ] || readlink -- "$2"
	fi
}

lf_file() {
	lf_here "$1"
	[ -e "$1" ] || exit 44
	[ -f "$1" ] || lf_refuse "$1 is not a regular file"
}

lf_read() {
	lf_file "$1"
	cat -- "$1"
}

lf_sha256() {
	lf_file "$1"
	sha256sum <"$1"
}

lf_list() {
	lf_here "$1"
	[ -d "$1" ] || exit 44
	find "${1%/}/" -xdev -mindepth 1 -maxdepth "$2" -printf '%y %m %U %G %s %T@ %A@ %C@ %i %n %u %g\0%p\0%l\0'
}

lf_packages() {
	command -v dpkg-query >/dev/null || lf_refuse "the host has no dpkg, so it is not of Debian's family"
	dpkg --print-architecture || exit 1
	# shellcheck disable=SC2016
	dpkg-query -W -f '${db:Status-Status} ${Package} ${Architecture} ${Version}\n'
}

lf_candidates() {
	command -v apt-cache >/dev/null || lf_refuse "the host has no apt, so it is not of Debian's family"
	apt-cache policy -- "$@"
}

lf_apt_lists() {
	date +%s
	for lf_each in /var/lib/apt/lists/*_Packages* /var/lib/apt/lists/*Release; do
		[ -f "$lf_each" ] || continue
		stat -c %Y -- /var/lib/apt/lists
		break
	done
	[ ! -e /var/lib/apt/periodic/update-success-stamp ] || stat -c %Y -- /var/lib/apt/periodic/update-success-stamp
}

lf_user() {
	getent passwd -- "$1" || exit 44
	id -gn -- "$1"
	id -Gn -- "$1"
	[ "$lf_uid" != 0 ] || getent shadow -- "$1" | cut -d: -f2 | cut -c1
}

lf_group() {
	getent group -- "$1" || exit 44
}

lf_unit() {
	[ -d /run/systemd/system ] || exit 44
	systemctl show -p LoadState,ActiveState,SubState,UnitFileState,NeedDaemonReload -- "$1"
}

lf_sysctl() {
	[ -e "/proc/sys/$1" ] || exit 44
	cat -- "/proc/sys/$1"
}

lf_which() {
	set -f
	for lf_name in "$@"; do
		IFS=:
		for lf_place in $PATH; do
			if [ -f "$lf_place/$lf_name" ] && [ -x "$lf_place/$lf_name" ]; then
				printf '%s\0%s\0' "$lf_name" "$lf_place/$lf_name"
				break
			fi
		done
	done
}

# CHDIR COUNT NAME VALUE ... WORD...: a command in a folder with some more environment.
lf_run() {
	[ -z "$1" ] || cd -- "$1" || lf_refuse "the folder $1 cannot be entered"
	lf_count=$2
	shift 2
	if [ -n "$lf_language" ]; then LC_ALL=$lf_language; else unset LC_ALL; fi
	while [ "$lf_count" -gt 0 ]; do
		export "$1=$2"
		shift 2
		lf_count=$((lf_count - 1))
	done
	exec "$@"
}

lf_boot() {
	echo "$(cat /proc/sys/kernel/random/boot_id) $(lf_began 1)"
}

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

# Actions.

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

# PATH OWNER GROUP MODE: sets those that are not empty.
lf_access() {
	if [ -n "$2$3" ]; then
		chown -h -- "$2${3:+:$3}" "$1" || return
	fi
	[ -z "$4" ] || [ -L "$1" ] || chmod -- "$4" "$1"
}

# RECURSE FOLLOW PATH OWNER GROUP MODE
lf_set_access() {
	lf_path=$3
	[ "$2" = no ] || lf_through
	if [ "$1" = yes ]; then
		[ -z "$4$5" ] || chown -R -h -- "$4${5:+:$5}" "$lf_path" || exit 1
		[ -z "$6" ] || chmod -R -- "$6" "$lf_path"
	else
		lf_access "$lf_path" "$4" "$5" "$6"
	fi
}

# Looks through a link in lf_path, keeping newlines at the end of its target.
lf_through() {
	[ -L "$lf_path" ] || return 0
	lf_path=$(
		readlink -f -- "$lf_path" || exit 1
		echo .
	) || lf_refuse "the link leads nowhere a file could be made"
	lf_path=${lf_path%??}
}

# Sets lf_stage, a new file beside lf_path that only its owner can read.
lf_stage() {
	lf_folder=${lf_path%/*}/
	[ -d "$lf_folder" ] || lf_refuse "the folder $lf_folder is not there"
	[ ! -d "$lf_path" ] || lf_refuse "$lf_path is a folder"
	lf_stage=$(
		umask 077
		mktemp "$lf_folder.landfall.XXXXXXXXXX"
	) || exit 1
	trap 'rm -f "$lf_stage"' EXIT
	trap 'exit 1' INT TERM
}

# PATH SIZE OWNER GROUP MODE BACKUP VALIDATE...: puts standard input in place. `%s` in a word of VALIDATE comes as an
# empty word after the one before it and the one behind it: COUNT, then BEFORE BEHIND or WORD alone.
lf_write() {
	lf_path=$1
	lf_through
	lf_stage
	cat >"$lf_stage" || exit 1
	[ "$(wc -c <"$lf_stage")" -eq "$2" ] || lf_refuse "not all of the content arrived"
	shift 2
	lf_place "$@"
}

# OWNER GROUP MODE BACKUP VALIDATE...: gives the staged file its access and its name.
lf_place() {
	lf_owner=$1 lf_group=$2 lf_mode=$3 lf_backup=$4
	shift 4
	if [ -e "$lf_path" ]; then
		# Only root may give a file away; anybody else keeps what he cannot give.
		chown -- "$(stat -c '%u:%g' -- "$lf_path")" "$lf_stage" 2>/dev/null || [ "$lf_uid" != 0 ] || exit 1
		lf_mode=${lf_mode:-$(stat -c %a -- "$lf_path")}
	fi
	lf_access "$lf_stage" "$lf_owner" "$lf_group" "${lf_mode:-$(printf %o $((0666 & ~0$(umask))))}" || exit 1
	[ $# = 0 ] || lf_validate "$@"
	if [ "$lf_backup" = yes ] && [ -e "$lf_path" ]; then
		lf_saved=$lf_path.$$.$(date +%Y-%m-%d@%H:%M:%S)~
		cp -p -- "$lf_path" "$lf_saved" || exit 1
		printf '%s' "$lf_saved"
	fi
	sync "$lf_stage" 2>/dev/null
	mv -f -T -- "$lf_stage" "$lf_path" || exit 1
	trap - EXIT
}

# Each word comes as the number of its parts and the parts; the staged file's path goes between two parts.
lf_validate() {
	lf_turns=$#
	while [ "$lf_turns" -gt 0 ]; do
		lf_parts=$1 lf_word=$2
		shift 2
		lf_turns=$((lf_turns - 2))
		while [ "$lf_parts" -gt 1 ]; do
			lf_word=$lf_word$lf_stage$1
			shift
			lf_turns=$((lf_turns - 1)) lf_parts=$((lf_parts - 1))
		done
		set -- "$@" "$lf_word"
	done
	lf_said=$("$@" </dev/null 2>&1) || lf_refuse "refused by its check: $lf_said"
}

# PATH OWNER GROUP MODE: a folder, and those above it.
lf_mkdir() {
	if [ -d "$1" ]; then
		lf_path=$1
		lf_through
		lf_access "$lf_path" "$2" "$3" "$4"
	else
		lf_made "$@"
	fi
}

lf_made() {
	[ ! -d "$1/" ] || return 0
	lf_made "${1%/*}" "$2" "$3" "$4" || return
	mkdir -- "$1" || [ -d "$1" ] || return
	lf_access "$1" "$2" "$3" "$4"
}

# Sets lf_stage to a name beside PATH that nothing has.
lf_free() {
	lf_stage=${1%/*}/.landfall.$$.$(date +%s)
	rm -f -- "$lf_stage"
}

# PATH TARGET
lf_link() {
	[ -L "$1" ] || [ ! -e "$1" ] || lf_refuse "something that is not a link stands at $1"
	lf_free "$1"
	ln -s -- "$2" "$lf_stage" && mv -f -T -- "$lf_stage" "$1"
}

# PATH TARGET
lf_hard_link() {
	[ ! -e "$1" ] || [ "$(stat -L -c %d:%i -- "$1")" != "$(stat -c %d:%i -- "$2")" ] || return 0
	[ ! -d "$1" ] || lf_refuse "$1 is a folder"
	lf_free "$1"
	ln -- "$2" "$lf_stage" && mv -f -T -- "$lf_stage" "$1"
}

lf_touch() {
	touch -- "$1"
}

lf_remove() {
	rm -rf -- "$1"
}

# URL PATH SHA256 OWNER GROUP MODE: fetches to a stage and gives it its name; with PRINT as the path's place taken by
# standard output, hands the bytes over and leaves nothing.
lf_download() {
	lf_print=$1 lf_url=$2 lf_path=$3 lf_sum=$4
	shift 4
	[ "$lf_print" = yes ] || lf_through
	lf_stage
	lf_fetch >&2 || lf_refuse "it could not be fetched"
	if [ -n "$lf_sum" ]; then
		lf_is=$(sha256sum <"$lf_stage")
		[ "${lf_is%% *}" = "$lf_sum" ] || lf_refuse "what came has the SHA-256 ${lf_is%% *}"
	fi
	if [ "$lf_print" = yes ]; then
		head -c 4194305 <"$lf_stage"
	else
		lf_place "$@" no
	fi
}

# lf_url to lf_stage, with whatever the host has.
lf_fetch() {
	case $lf_url in
	file://*)
		cat -- "${lf_url#file://}" >"$lf_stage"
		;;
	*)
		if command -v curl >/dev/null; then
			curl -fsSL --retry 3 --proto '=http,https' --proto-redir '=http,https' -o "$lf_stage" -- "$lf_url"
		elif command -v wget >/dev/null; then
			wget -nv -O "$lf_stage" -- "$lf_url"
		elif [ -x /usr/lib/apt/apt-helper ]; then
			/usr/lib/apt/apt-helper -q download-file "$lf_url" "$lf_stage" && [ -s "$lf_stage" ]
		else
			lf_refuse "the host has neither curl nor wget nor apt's own helper"
		fi
		;;
	esac
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

lf_reboot() {
	[ -d /run/systemd/system ] || lf_refuse "the host has no systemd to restart it"
	systemctl --no-block reboot
}

# Facts: a name and its raw text, each ended by a NUL; the environment last, which is as many as there are.
lf_facts() {
	lf_fact uname uname -srmn
	lf_fact uname_version uname -v
	lf_fact os_release cat /etc/os-release
	lf_fact debian_version cat /etc/debian_version
	lf_fact lsb lf_lsb
	lf_fact fqdn hostname -f
	lf_fact route ip -4 route get 8.8.8.8
	lf_fact addresses ip -o -4 addr
	lf_fact addresses6 ip -o -6 addr
	lf_fact links ip -o link
	lf_fact kernel_routes cat /proc/net/route
	lf_fact cpus nproc
	lf_fact cpuinfo grep -c '^processor' /proc/cpuinfo
	lf_fact meminfo cat /proc/meminfo
	lf_fact init cat /proc/1/comm
	lf_fact pkg_mgr lf_pkg_mgr
	lf_fact virtual systemd-detect-virt
	lf_fact virtual_container systemd-detect-virt --container
	lf_fact user lf_passwd
	lf_fact ids lf_ids
	lf_fact mounts lf_mounts
	lf_fact date date '+%Y %m %d %H %M %S %s %Z %z %A %w %j %U %N'
	lf_fact selinux cat /sys/fs/selinux/enforce
	lf_fact apparmor lf_apparmor
	lf_fact boot_id cat /proc/sys/kernel/random/boot_id
	lf_fact machine_id cat /etc/machine-id
	lf_fact uptime cut -d. -f1 /proc/uptime
	lf_fact reboot lf_reboot_required
	lf_fact dns cat /etc/resolv.conf
	lf_fact keys lf_host_keys
	lf_fact product cat /sys/class/dmi/id/product_name
	lf_fact vendor cat /sys/class/dmi/id/sys_vendor
	lf_fact bits getconf LONG_BIT
	printf 'language\0%s\0environment\0' "$lf_language"
	env -0
}

lf_fact() {
	printf '%s\0' "$1"
	shift
	"$@" 2>/dev/null
	printf '\0'
}

lf_lsb() {
	lsb_release -a 2>/dev/null || cat /etc/lsb-release
}

lf_pkg_mgr() {
	for lf_each in apt-get dnf5 dnf yum zypper apk pacman; do
		if command -v "$lf_each" >/dev/null; then
			echo "$lf_each"
			return
		fi
	done
}

lf_passwd() {
	getent passwd -- "$lf_uid" || echo "$(id -un):x:$lf_uid:$(id -g)::${HOME-}:${SHELL-}"
}

lf_ids() {
	echo "$(id -ru) $(id -u) $(id -rg) $(id -g)"
}

# Those of devices and of other machines, as Ansible lists them, with their sizes.
lf_mounts() {
	while read -r lf_device lf_mount lf_type lf_options lf_dump lf_pass; do
		case $lf_device in
		/* | *:/*) ;;
		*) continue ;;
		esac
		lf_place=$(printf %b "$(echo "$lf_mount" | sed 's/\\/\\0/g')")
		echo "$lf_device $lf_mount $lf_type $lf_options $lf_dump $lf_pass $(stat -f -c '%S %b %a %f %c %d' -- "$lf_place")"
	done </proc/mounts
}

lf_apparmor() {
	[ ! -d /sys/kernel/security/apparmor ] || echo enabled
}

lf_reboot_required() {
	[ ! -e /run/reboot-required ] && [ ! -e /var/run/reboot-required ] || echo yes
}

lf_host_keys() {
	cat /etc/ssh/ssh_host_*_key.pub
}

lf_serve
