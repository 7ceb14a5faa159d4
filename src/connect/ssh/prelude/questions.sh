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
	lf_may=.
	[ ! -r "$2" ] || lf_may=${lf_may}r
	[ ! -w "$2" ] || lf_may=${lf_may}w
	[ ! -x "$2" ] || lf_may=${lf_may}x
	if [ "$1" = yes ]; then
		[ -e "$2" ] || exit 44
		stat -L -c "$lf_may %f %u %g %s %Y %X %Z %i %h %U %G" -- "$2"
	else
		stat -c "$lf_may %f %u %g %s %Y %X %Z %i %h %U %G" -- "$2" || exit 1
		[ ! -L "$2" ] || readlink -- "$2"
	fi
}

# PATH: goes to the folder of a regular file and sets lf_name. It is opened by that name without a look through links,
# so that nobody can have another file read in its place.
lf_file() {
	lf_here "$1"
	[ -e "$1" ] || exit 44
	lf_reach yes "$1" || exit 1
	[ -f "./$lf_name" ] || lf_refuse "$1 is not a regular file"
}

# PATH FIRST COUNT: so many blocks of 64 KiB, beginning with that one.
lf_read() {
	lf_file "$1"
	dd if="./$lf_name" iflag=nofollow,nonblock bs=65536 skip="$2" count="$3" status=none
}

lf_sha256() {
	lf_file "$1"
	dd if="./$lf_name" iflag=nofollow,nonblock count=0 status=none || exit 1
	dd if="./$lf_name" iflag=nofollow,nonblock bs=1048576 status=none | sha256sum
}

# FOLLOW PROGRAM PATH: the sum of a regular file by this program. Nothing else has one, nor a file that may not be read.
lf_checksum() {
	lf_here "$3"
	[ -f "$3" ] && [ -r "$3" ] || exit 44
	[ "$1" = yes ] || [ ! -L "$3" ] || exit 44
	lf_reach "$1" "$3" || exit 1
	lf_plain "./$lf_name" || lf_refuse "$3 was exchanged while it was read"
	dd if="./$lf_name" iflag=nofollow,nonblock count=0 status=none || exit 1
	dd if="./$lf_name" iflag=nofollow,nonblock bs=1048576 status=none | "$2"
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
