#!/bin/sh
# Boots FRR in the namespaces this was started in, loads a configuration, prints what runs.
# $1: directory with frr.conf and interfaces (lines "NAME VRF", VRF "-" is the default table); $2: host name.
set -e
dir=$1
mount --make-rprivate /
for place in /run /var/tmp /var/log; do mount -t tmpfs tmpfs "$place"; done
mkdir -p /run/frr /run/netns /run/etc /var/log/frr
cp -a /etc/frr/. /run/etc/
mount --bind /run/etc /etc/frr
: >/etc/frr/frr.conf
echo "service integrated-vtysh-config" >/etc/frr/vtysh.conf
chown -R frr:frr /run/frr /etc/frr /var/log/frr
hostname "$2"
ip link set lo up
echo 1 >/proc/sys/net/ipv4/ip_forward
echo 1 >/proc/sys/net/ipv6/conf/all/forwarding
number=0
while read -r name vrf; do
    number=$((number + 1))
    ip link add "$name" type veth peer name "peer$number"
    [ "$vrf" = - ] && continue
    [ -e "/run/netns/$vrf" ] || ip netns add "$vrf"
    ip link set "$name" netns "$vrf"
done <"$dir/interfaces"
for daemon in "zebra -n" bgpd ospfd ospf6d staticd bfdd pbrd; do
    # shellcheck disable=SC2086 # a daemon and its option
    set -- $daemon
    "/usr/lib/frr/$1" ${2:-} -d -A 127.0.0.1 >"$dir/log" 2>&1
done
vtysh -f "$dir/frr.conf" >"$dir/said" 2>&1 || { cat "$dir/said" >&2; exit 1; }
exec vtysh -c 'show running-config'
