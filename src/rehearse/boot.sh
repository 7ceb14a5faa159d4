#!/bin/sh
# The first process of a throwaway host: makes host keys, gives systemd a control group of its own, becomes systemd.
set -eu
# The engine mounts files of its own over these, where nothing can take their place as on a machine. The first boot
# takes over what they say; later the host's own count.
for file in hostname hosts resolv.conf; do
    said=$(cat "/etc/$file")
    umount "/etc/$file"
    [ -e /etc/ssh/ssh_host_ed25519_key ] || {
        rm -f "/etc/$file"
        echo "$said" >"/etc/$file"
    }
done
ssh-keygen -q -A
if [ -d /cg ]; then
    # The machine mounts control groups of the first version; the second is handed in under /cg.
    mkdir -p "/cg/$1"
    echo 1 >"/cg/$1/cgroup.procs"
    exec unshare --cgroup sh -c 'umount -R /sys/fs/cgroup; mount -t cgroup2 cgroup2 /sys/fs/cgroup; umount /cg; exec /sbin/init'
fi
umount -R /sys/fs/cgroup
mount -t cgroup2 cgroup2 /sys/fs/cgroup
exec /sbin/init
