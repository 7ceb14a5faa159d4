# shellcheck shell=sh disable=SC2317,SC2329
# What every shell on a host knows before it is asked anything. Plain POSIX sh with coreutils.
#
# It reads requests from standard input: a line `NONCE SIZE`, then SIZE bytes of shell text, which calls `lf_item` for
# each question or action, then the bytes that some of them take. Each answer stands between two marks with the nonce,
# on standard output and on standard error alike. While a request is at work, a mark on standard error says every few
# seconds that the host lives.

lf_language=${LC_ALL-}
LC_ALL=C
export LC_ALL
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
export PATH
lf_uid=$(id -u)
lf_newline='
'
cd "${HOME:-/}" 2>/dev/null || cd / || exit 1

lf_serve() {
	while IFS=' ' read -r lf_nonce lf_size; do
		lf_text "$lf_size"
		lf_pulse >/dev/null &
		lf_beater=$!
		eval "$lf_got"
		kill "$lf_beater" 2>/dev/null
		wait "$lf_beater" 2>/dev/null
	done
}

# Says every five seconds that the host lives, as long as this shell does. The pause holds none of the shell's streams.
lf_pulse() {
	while sleep 5 2>/dev/null && kill -0 "$$" 2>/dev/null; do
		lf_say ''
	done
}

# A mark with a line of what a program prints, or without; one write, so that it stands whole between other output.
lf_say() {
	printf '\n%s~ %s\n' "$lf_nonce" "$1" >&2
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
