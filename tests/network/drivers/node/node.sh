#!/bin/sh
# One device: own root over the machine's, own sshd. Started by hub.sh. A platform that ends in "-small" has a disk of 12 MB.
set -eu
state=$1 name=$2 platform=$3 address=$4
root=$state/nodes/$name
here=$(dirname "$(realpath "$0")")
mkdir -p "$root/disk" "$root/root"
case $platform in *-small) mount -t tmpfs -o size=12m tmpfs "$root/disk" ;; esac
mkdir -p "$root/disk/upper" "$root/disk/work"
mkfifo "$root/go"
exec 9<>"$state/nodes/up"
read -r pid _ </proc/self/stat
echo "$pid" >&9
read -r _ <"$root/go"
hostname "$name"
mount -t overlay overlay -o "lowerdir=/,upperdir=$root/disk/upper,workdir=$root/disk/work" "$root/root"
cd "$root/root"
mount -t proc proc proc
mount --rbind /dev dev
mount --rbind /sys sys
mount -t tmpfs tmpfs run
mount -t tmpfs tmpfs tmp
rm -f root/.bashrc root/.profile # what the machine's own shells do is no part of a device
mkdir -p run/sshd run/netns run/frr run/openvswitch usr/local/lib/sanso-lab root/.ssh old
chown frr:frr run/frr
rm -rf usr/local/lib/sanso var/lib/sanso-commit etc/openvswitch/conf.db
cp "$here/subif" usr/local/lib/sanso-lab/subif
cp "$here/daemons" etc/frr/daemons
cp "$here/boot" usr/local/sbin/device-boot
printf 'frr defaults traditional\nhostname %s\nservice integrated-vtysh-config\n' "$name" >etc/frr/frr.conf
printf '#!/usr/sbin/nft -f\nflush ruleset\n' >etc/nftables.conf
chown frr:frr etc/frr/frr.conf
cp "$state/key.pub" root/.ssh/authorized_keys
cp "$state/host_key" etc/ssh/ssh_host_ed25519_key
chmod 600 etc/ssh/ssh_host_ed25519_key
sed -i "s#^root:[^:]*#root:$(openssl passwd -6 secret)#" etc/shadow
printf 'HostKey /etc/ssh/ssh_host_ed25519_key\nPermitRootLogin yes\nUsePAM no\nPidFile none\nUseDNS no\n' >etc/ssh/sshd_config
pivot_root . old
umount -l old
ip link set lo up
ip addr add "$address/24" dev eth0
ip link set eth0 up
for port in eth1 eth2; do
    ip link set "$port" up 2>/dev/null || true
done
/usr/sbin/sshd
device-boot "${platform%-small}"
echo up >&9
exec 9>&-
exec tini -s -- sleep infinity
