#!/bin/sh
# A handful of hand-made devices for the drivers' tests. Started as
#   unshare --net --mount --pid --fork --kill-child --mount-proc sh hub.sh STATE NAME=PLATFORM...
# STATE holds key.pub (whose owner may log in) and host_key (of every device). Our network namespace is the management
# network: 192.0.2.1 is the station, 192.0.2.10, .11 ... the devices. Prints "ready" when all of them answer. Everything
# ends with us.
set -eu
state=$1
shift
here=$(dirname "$(realpath "$0")")
ip link set lo up
ip link add mgmt type bridge
ip addr add 192.0.2.1/24 dev mgmt
ip link set mgmt up
mkdir -p "$state/nodes"
mount -t tmpfs tmpfs "$state/nodes"
mkfifo "$state/nodes/up"
number=10
for device in "$@"; do
    name=${device%%=*}
    mkdir -p "$state/nodes/$name"
    unshare --net --mount --uts --ipc --pid --fork --kill-child sh "$here/node.sh" "$state" "$name" "${device#*=}" \
        "192.0.2.$number" >"$state/nodes/$name/log" 2>&1 &
    read -r pid <"$state/nodes/up"
    echo "$pid" >"$state/nodes/$name/pid"
    ip link add "mgmt$number" type veth peer name eth0 netns "$pid"
    ip link set "mgmt$number" master mgmt up
    number=$((number + 1))
done
# Cables between the first and the second device, the third and the fourth ...: ports, and VLANs that `subif` takes up.
first=
for device in "$@"; do
    pid=$(cat "$state/nodes/${device%%=*}/pid")
    if [ -z "$first" ]; then
        first=$pid
    else
        for end in eth1 eth1.2001 eth1.2002 eth2; do
            ip link add "$end" netns "$first" type veth peer name "$end" netns "$pid"
        done
        first=
    fi
done
for device in "$@"; do
    echo go >"$state/nodes/${device%%=*}/go"
done
for device in "$@"; do
    read -r _ <"$state/nodes/up"
done
echo ready
exec sleep infinity
