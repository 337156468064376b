"""What NAPALM's own suite wants to see on a live device: a VRF TEST, a BGP route to 1.0.4.0/24, 8.8.8.8 to ping."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from handmade import Devices, Driver

HEAD = """\
frr version 8.4.4
frr defaults traditional
hostname {name}
ip forwarding
ipv6 forwarding
service integrated-vtysh-config
!
"""
ROUTER = """\
vrf TEST
exit-vrf
!
interface eth1.2001 vrf TEST
 description to {other}
 ip address 10.31.128.{number}/31
 ip ospf area 0.0.0.0
 ip ospf bfd
 ip ospf network point-to-point
 ipv6 address fd5a:1:2:ff00::{own6}/127
 ipv6 ospf6 area 0.0.0.0
 ipv6 ospf6 bfd
 ipv6 ospf6 network point-to-point
exit
!
interface eth1.2002
 ip address 10.23.128.{number}/31
 ip ospf area 0.0.0.0
exit
!
router bgp {own}
 bgp router-id 1.1.1.{number}
 no bgp ebgp-requires-policy
 no bgp network import-check
 neighbor 10.23.128.{peer} remote-as {remote}
exit
!
router bgp {own} vrf TEST
 bgp router-id 1.1.1.{number}
 no bgp ebgp-requires-policy
 no bgp network import-check
 neighbor 10.31.128.{peer} remote-as {remote}
 neighbor 10.31.128.{peer} bfd
 neighbor 10.31.128.{peer} description the other side
 neighbor fd5a:1:2:ff00::{peer6} remote-as {remote}
 !
 address-family ipv4 unicast
  network 1.0.{third}.0/24
  neighbor 10.31.128.{peer} prefix-list some out
 exit-address-family
 !
 address-family ipv6 unicast
  network fd5a:{own6}::/32
  neighbor fd5a:1:2:ff00::{peer6} activate
 exit-address-family
exit
!
router ospf
 ospf router-id 1.1.1.{number}
exit
!
router ospf vrf TEST
 ospf router-id 1.1.1.{number}
exit
!
router ospf6 vrf TEST
 ospf6 router-id 1.1.1.{number}
exit
!
ip prefix-list some seq 5 permit 1.0.0.0/16 le 24
!
"""
RULES = """\
# ==> /etc/nftables.conf
table inet filter {
	set office {
		type ipv4_addr
		flags interval
		elements = { 10.16.0.0/13 }
	}

	chain input {
		type filter hook input priority filter; policy accept;
		iifname "lo" counter accept comment "own"
	}

	chain forward {
		type filter hook forward priority filter; policy drop;
		ct state established,related accept
		iifname "eth1" oifname "eth2" ip saddr @office tcp dport { 80, 443 } counter accept comment "F-1"
		log prefix "denied " counter drop
	}
}
# ==> /etc/frr/frr.conf
"""
SWITCH = """\
# hostname {name}
ovs-vsctl add-br br0
ovs-vsctl set bridge br0 datapath_type=netdev
ovs-vsctl add-port br0 eth1 vlan_mode=trunk trunks=10,20
ovs-vsctl add-port br0 eth2 vlan_mode=access tag=20 'external_ids:description="市民課 1"'
"""


def router(number: int, names: tuple[str, str]) -> str:
    """One of two routers wired together, `number` 0 or 1."""
    values = {
        "number": number,
        "peer": 1 - number,
        "own": 64512 + number,
        "remote": 64513 - number,
        "third": 5 - number,
        "own6": 2 + number,
        "peer6": 3 - number,
    }
    return (HEAD + ROUTER).format(name=names[number], other=names[1 - number], **values)


def settled(device: Driver) -> bool:
    """Whether a router's neighbours are all there."""
    peers = [peer for vrf in device.get_bgp_neighbors().values() for peer in vrf["peers"].values()]
    neighbors = device.get_ospf_neighbors()
    return (
        all(peer["is_up"] for peer in peers)
        and len(neighbors) == 3
        and all(neighbor["is_full"] for neighbor in neighbors)
        and all(neighbor["is_up"] for neighbor in device.get_bfd_neighbors())
        and bool(device.get_route_to("1.0.4.0/24", "bgp"))
    )


def prepare(devices: Devices) -> None:
    """Configure r1 and r2, fw1 and r3, and sw1 so that every getter has something to tell."""
    for name, text in {
        "r1": router(0, ("r1", "r2")),
        "r2": router(1, ("r1", "r2")),
        "fw1": RULES + router(0, ("fw1", "r3")),
        "r3": router(1, ("fw1", "r3")),
        "sw1": SWITCH.format(name="sw1"),
    }.items():
        with devices.open(name) as device:
            device.load_replace_candidate(config=text)
            device.commit_config()
            device.close_change("")
    devices.run("sw1", ROOM)
    for name in devices.addresses:
        devices.run(name, "ip address replace 8.8.8.8/32 dev lo")
    for name in ("r1", "fw1"):
        with devices.open(name) as device:
            wait_for(partial(settled, device))
    if shutil.which("lldpd"):
        for pair in (("r1", "r2"), ("fw1", "r3"), ("sw1", "h1")):
            with devices.open(pair[0]) as device:
                while not device.get_lldp_neighbors():  # lldpd now and then starts deaf
                    for name in pair:
                        devices.run(name, LLDPD)
                    with suppress(AssertionError):
                        wait_for(lambda: bool(device.get_lldp_neighbors()), 10)


def wait_for(happens: Callable[[], bool], seconds: float = 300) -> None:
    """Wait for something that no event tells."""
    end = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < end
        time.sleep(0.5)


LLDPD = """
pkill -x lldpd
rm -f /run/lldpd.socket /run/lldpd.pid
mkdir -p /run/lldpd
lldpd && lldpcli configure lldp tx-interval 1
"""

ROOM = """
ip netns add TEST
ip link add room type veth peer name room netns TEST
ip address add 198.51.100.1/30 dev room
ip -n TEST address add 198.51.100.2/30 dev room
ip link set room up
ip -n TEST link set room up
ping -c 1 -W 5 198.51.100.2
ovs-appctl fdb/add br0 eth2 20 02:00:00:00:00:02
ip -n TEST neighbor replace 198.51.100.1 lladdr 02:00:00:00:00:01 dev room nud permanent
"""
