#!/bin/sh
# The first process of a throwaway host: makes host keys, gives systemd a control group of its own, becomes systemd.
set -eu
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
