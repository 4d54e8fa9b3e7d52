#!/bin/sh
# mkcpio.sh DIR PROGRAM... - write a "newc" cpio archive of the initramfs to stdout.
#
# Takes DIR/init and DIR/bin/PROGRAM, and the files of etc/ beside this script.
# Inode numbers count up from 1 in the order of the calls below; owner is 0:0 and
# every time is 0, so equal contents give equal bytes.
set -eu
LC_ALL=C
export LC_ALL

dir=$1
shift
here=$(dirname "$0")

ino=0
offset=0

# pad COUNT: zero bytes up to the next multiple of COUNT.
pad() {
	n=$(( ($1 - offset % $1) % $1 ))
	if [ "$n" -gt 0 ]; then
		head -c "$n" /dev/zero
	fi
	offset=$((offset + n))
}

# In bytes: what is in front of a name; a page of the guest, which is also the
# longest name that a kernel takes.
front=110
page=4096

# header NAME MODE(octal) NLINK SIZE RMAJOR RMINOR [ALIGN]: with ALIGN, what
# follows is at a multiple of it, by more zeros behind the name.
header() {
	ino=$((ino + 1))
	zeros=1
	if [ -n "${7:-}" ]; then
		zeros=$((1 + ($7 - (offset + front + ${#1} + 1) % $7) % $7))
	fi
	printf '070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X' \
		"$ino" "$((0$2))" 0 0 "$3" 0 "$4" 0 0 "$5" "$6" "$((${#1} + zeros))" 0
	printf '%s' "$1"
	head -c $zeros /dev/zero
	offset=$((offset + front + ${#1} + zeros))
	pad 4
}

directory() { header "$1" "04$2" 2 0 0 0; }

device() { header "$1" "020$2" 1 0 "$3" "$4"; }

# file NAME MODE SOURCE. The kernel takes whole pages of a file where they lie in
# the archive, so those of a program begin with a page; a directory that is there
# anyway goes before a name that would be too long with its zeros.
file() {
	size=$(wc -c < "$3" | tr -d ' ')
	align=
	if [ "$size" -ge $page ]; then
		align=$page
		if [ $(((offset + front + ${#1}) % page)) -lt ${#1} ]; then
			directory . 0755
		fi
	fi
	header "$1" "100$2" 1 "$size" 0 0 $align
	cat "$3"
	offset=$((offset + size))
	pad 4
}

# symlink NAME TARGET
symlink() {
	header "$1" 120777 1 "${#2}" 0 0
	printf '%s' "$2"
	offset=$((offset + ${#2}))
	pad 4
}

directory bin 0755
directory dev 0755
directory etc 0755
directory proc 0555
directory root 0700
directory tmp 1777
device dev/console 600 5 1
device dev/null 666 1 3
device dev/tty 666 5 0
device dev/zero 666 1 5
file etc/hello.sh 755 "$here/etc/hello.sh"
file etc/motd 644 "$here/etc/motd"
symlink etc/greeting motd
file init 755 "$dir/init"
for p; do
	file "bin/$p" 755 "$dir/bin/$p"
done
ino=-1
header 'TRAILER!!!' 0 1 0 0 0
pad 512
