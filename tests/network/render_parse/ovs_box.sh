#!/bin/sh
# Boots Open vSwitch in the namespaces this was started in, runs the commands in $1, then prints what those in $2 do.
set -e
mount --make-rprivate /
for place in /run /var/log; do mount -t tmpfs tmpfs "$place"; done
mkdir -p /run/openvswitch /var/log/openvswitch
for number in 1 2 3 4 5 6 7 8; do ip link add "eth$number" type veth peer name "peer$number"; done
ovsdb-tool create /run/conf.db /usr/share/openvswitch/vswitch.ovsschema
ovsdb-server /run/conf.db --remote=punix:/run/openvswitch/db.sock --pidfile --detach -vconsole:off
ovs-vsctl --no-wait init
ovs-vswitchd --pidfile --detach -vconsole:off
sh -e "$1" >&2
sh "$2"
