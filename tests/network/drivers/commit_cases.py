"""The bare and the full configuration of the hand-made devices that commits are tried on."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from handmade import Driver
from live_configs import HEAD

SEGMENT = """\
vrf lgwan
 ip route 10.99.0.0/16 blackhole
exit-vrf
!
interface eth1.2001 vrf lgwan
 description to the other
 ip address 10.31.128.0/31
 ip ospf area 0.0.0.0
 ipv6 address fd5a:1:2:ff00::/127
exit
!
router bgp 64512 vrf lgwan
 bgp router-id 1.1.1.1
 neighbor 10.31.128.1 remote-as 64513
 !
 address-family ipv4 unicast
  network 10.24.0.0/13
  neighbor 10.31.128.1 prefix-list out out
 exit-address-family
exit
!
router ospf vrf lgwan
 ospf router-id 1.1.1.1
exit
!
ip prefix-list out seq 5 permit 10.24.0.0/13
!
"""
RULES = """\
# ==> /etc/nftables.conf
table inet filter {
	chain forward {
		type filter hook forward priority filter; policy drop;
		ct state established,related accept
		iifname "eth1" tcp dport 443 counter accept comment "row-1"
	}
}
# ==> /etc/frr/frr.conf
"""
NO_RULES = "# ==> /etc/nftables.conf\n# ==> /etc/frr/frr.conf\n"
SWITCH = """\
# hostname sw1
ovs-vsctl add-br br0
ovs-vsctl set bridge br0 datapath_type=netdev
"""
PORTS = """\
ovs-vsctl add-port br0 eth1 vlan_mode=trunk trunks=10,20
ovs-vsctl add-port br0 eth2 vlan_mode=access tag=20 'external_ids:description="市民課 1"'
"""
FRR = HEAD.format(name="r1")
FIREWALL = HEAD.format(name="fw1")
CONFIGS = {
    "r1": (FRR, FRR + SEGMENT),
    "fw1": (NO_RULES + FIREWALL, RULES + FIREWALL + SEGMENT),
    "sw1": (SWITCH, SWITCH + PORTS),
}
EVERY = pytest.mark.parametrize("name", CONFIGS)


def until(happens: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for something that no event tells."""
    end = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < end
        time.sleep(0.1)


def runs(device: Driver, name: str, kind: int) -> bool:
    """Whether the bare (0) or the full (1) configuration runs."""
    return telling(device.get_config(retrieve="running")["running"]) == telling(CONFIGS[name][kind])


def telling(text: str) -> list[str]:
    """The lines of a text in any order, without those FRR prints or not as it likes."""
    silent = ("!", "frr version", "frr defaults", "ip forwarding", "ipv6 forwarding", "service integrated")
    return sorted(line for line in text.splitlines() if not line.strip().startswith(silent) and line.strip())
