"""What a device says that state cannot hold is handed back line by line, and what means nothing is not."""

from __future__ import annotations

from textwrap import dedent

import pytest

from inventory.model import Platform
from inventory.origin import Origin
from network.parse import beside_section, parse
from network.parse.source import BESIDE_SECTION
from network.state import DeviceState, UnknownLine

NFT = "# ==> /etc/nftables.conf\n"


def marked(platform: Platform, text: str) -> tuple[DeviceState, list[int], list[int]]:
    """Parse a text whose lines that must come back unknown end in ` ~`; gives the state, lines found, lines marked."""
    lines = dedent(text).lstrip("\n").splitlines()
    wanted = [number for number, line in enumerate(lines, 1) if line.endswith(" ~")]
    parsed = parse(platform, "hall-core1", "\n".join(line.removesuffix(" ~") for line in lines))
    return parsed.state, [line.origin.line for line in parsed.unknown], wanted


FRR = {
    "what a device prints around its configuration": """
        Building configuration...

        Current configuration:
        !
        frr version 8.4.4
        frr defaults traditional
        hostname hall-core1
        log syslog informational
        service integrated-vtysh-config
        !
        vrf lgwan
         netns /run/netns/lgwan
        exit-vrf
        !
        end
    """,
    "another host's text, other defaults, forwarding switched off": """
        frr defaults datacenter ~
        hostname hall-core2 ~
        no ip forwarding ~
        no ipv6 forwarding ~
    """,
    "a whole block of another kind, and what comes after it": """
        router rip ~
         network 10.0.0.0/8 ~
         redistribute connected ~
        exit
        interface eth1 vrf lgwan
         ip pim ~
         ip address 10.0.0.1/24
         ip address 10.0.0.1/24 label two ~
        exit
    """,
    "an inner block of another kind does not close the outer one": """
        bfd
         peer 10.0.0.1 ~
          receive-interval 10 ~
         exit
         profile fast
          echo-mode ~
          detect-multiplier 5
         exit
        exit
    """,
    "a static route of a kind that state does not know": """
        ip route 10.0.0.0/8 Null0 ~
        ip route 10.0.0.0/8 reject ~
        ip route 10.0.0.0/8 10.1.1.1 table 5 ~
        ip route 10.0.0.0/8 fd00::1 ~
        ip route 10.0.0.0/8 blackhole
    """,
    "BGP whose defaults are not ours": """
        router bgp 64512 vrf lgwan ~
         bgp router-id 10.0.0.1
         no bgp network import-check
         no bgp ebgp-requires-policy ~
         neighbor 10.0.0.2 remote-as 64513
         neighbor 10.0.0.2 ebgp-multihop 5 ~
         neighbor 10.0.0.3 remote-as external ~
         !
         address-family ipv4 unicast
          neighbor 10.0.0.2 activate
          neighbor 10.0.0.2 next-hop-self ~
         exit-address-family
         !
         address-family l2vpn evpn ~
          advertise-all-vni ~
         exit-address-family
        exit
    """,
    "BGP that speaks one family only half": """
        router bgp 64512
         bgp router-id 10.0.0.1
         no bgp default ipv4-unicast
         no bgp network import-check
         neighbor 10.0.0.2 remote-as 64513 ~
         neighbor 10.0.0.4 remote-as 64513
         neighbor 10.0.0.4 bfd ~
         !
         address-family ipv4 unicast
          distance bgp 20 200 200 ~
          import vrf lgwan ~
          neighbor 10.0.0.4 activate
          neighbor fd00::1 activate ~
         exit-address-family
        exit
    """,
    "the empty process that FRR makes for a VRF imported from": """
        router bgp 64512 vrf lgwan
        exit
    """,
    "OSPF without an area, a router ID or a BFD profile": """
        interface eth1
         ip ospf cost 10 ~
         ipv6 ospf6 area 0.0.0.0
         ipv6 ospf6 bfd ~
         ip ospf hello-interval 1 ~
        exit
        router ospf vrf lgwan ~
        exit
    """,
    "next hops over a default route in one family": """
        vrf lgwan
         ip nht resolve-via-default ~
        exit-vrf
    """,
    "a policy map that does more": """
        pbr-map x seq 5
         match src-ip 10.0.0.0/8
         match dst-ip fd00::/8 ~
         match mark 5 ~
         match ip-protocol esp ~
         set vrf lgwan
         set nexthop 10.0.0.1 ~
        exit
        pbr-map x seq 701 ~
         set vrf lgwan ~
        exit
        pbr-map x seq 6
         set nexthop 10.0.0.1 eth1 nexthop-vrf lgwan
         set nexthop eth1 eth2 ~
         set nexthop nexthop-vrf lgwan ~
        exit
        interface eth1
         pbr-policy x
        exit
    """,
    "a route map that does more": """
        route-map x permit 10
         match tag 5
         match community 6 ~
         set ip next-hop 10.0.0.1 ~
         on-match next ~
        exit
    """,
}


@pytest.mark.parametrize("text", FRR.values(), ids=FRR.keys())
def test_frr(text: str) -> None:
    _, found, wanted = marked("frr", text)
    assert found == wanted


def test_what_stands_beside_unknown_lines_is_still_read() -> None:
    state, _, _ = marked("frr", FRR["a whole block of another kind, and what comes after it"])
    assert [(item.name, item.vrf, len(item.addresses)) for item in state.interfaces] == [("eth1", "lgwan", 1)]
    state, _, _ = marked("frr", FRR["an inner block of another kind does not close the outer one"])
    assert [(item.name, item.multiplier) for item in state.bfd_profiles] == [("fast", 5)]


NFTABLES = {
    "counters, handles, comments and a ruleset's flush": """
        # ==> /etc/nftables.conf
        flush ruleset
        table inet x { # handle 1
            chain forward { # handle 2
                type filter hook forward priority filter; policy drop;
                iifname "eth1" counter packets 18446744073709551615 bytes 7 accept comment "f001 # {" # handle 3
            }
        }
    """,
    "a rule that does something else": """
        # ==> /etc/nftables.conf
        table inet x {
            chain c {
                iif "lo" accept ~
                iifname "eth*" accept ~
                iifname != "eth1" accept ~
                tcp dport != 22 accept ~
                tcp dport ssh accept ~
                ip daddr != 10.0.0.0/8 accept ~
                ct state vmap { established : accept, invalid : drop } ~
                meta mark 0x1 accept ~
                limit rate 1/second accept ~
                ip saddr @nowhere accept ~
                ip6 saddr 10.0.0.0/8 accept ~
                ip saddr 10.0.0.0/8 ip6 daddr fd00::/8 accept ~
                counter ip saddr 10.0.0.0/8 accept ~
                reject with tcp reset ~
                counter ~
                accept drop ~
                tcp dport { 1,
                    2 } accept
                tcp flags { syn, ~
                    ack } accept ~
                masquerade random ~
                snat ip to 10.0.0.1-10.0.0.9 ~
                snat ip6 to 10.0.0.1 ~
                jump c accept ~
                notrack ~
            }
        }
    """,
    "other tables, objects and hooks": """
        # ==> /etc/nftables.conf
        table ip nat { ~
            chain c { ~
            } ~
        } ~
        table inet x {
            flags dormant ~
            map m { ~
                type ipv4_addr : verdict ~
            } ~
            set ports { ~
                type inet_service ~
            } ~
            set some {
                type ipv4_addr
                flags interval
                auto-merge ~
                elements = { 10.0.0.0/8, 11.0.0.1-11.0.0.2 }
            }
            set timed { ~
                type ipv4_addr ~
                flags timeout ~
            } ~
            chain c {
                type filter hook ingress device "eth1" priority filter; policy accept; ~
                type filter hook forward priority nowhere; policy accept; ~
            }
        }
    """,
    "blocks that nobody closes": """
        # ==> /etc/nftables.conf
        table inet x {
            chain c {
                accept
            }
        }
        table ip nat { ~
            chain c { ~
                accept ~
                drop ~
    """,
    "text outside the two sections": """
        table inet x { ~
        } ~
        # ==> /etc/other ~
        anything ~
        # ==> /etc/nftables.conf
        }  ~
        # ==> /etc/frr/frr.conf
        frr defaults traditional
        router rip ~
    """,
}


@pytest.mark.parametrize("text", NFTABLES.values(), ids=NFTABLES.keys())
def test_nftables(text: str) -> None:
    _, found, wanted = marked("nftables", text)
    assert found == wanted


OPENVSWITCH = """
    # hostname hall-core1
    # hostname hall-core2 ~
    ovs-vsctl add-br br0
    ovs-vsctl add-br br0 ~
    ovs-vsctl set bridge br0 datapath_type=netdev
    ovs-vsctl set bridge br0 fail_mode=secure ~
    ovs-vsctl set bridge br1 datapath_type=netdev ~
    ovs-vsctl add-port br0 eth1 vlan_mode=access tag=10
    ovs-vsctl add-port br0 eth1 vlan_mode=access tag=11 ~
    ovs-vsctl add-port br0 eth2 vlan_mode=trunk
    ovs-vsctl add-port br0 eth3
    ovs-vsctl add-port br0 patch0 -- set interface patch0 type=patch options:peer=patch1
    ovs-vsctl add-port br0 patch2 tag=5 -- set interface patch2 type=patch ~
    ovs-vsctl add-port br0 vxlan0
    ovs-vsctl set interface vxlan0 type=vxlan ~
    ovs-vsctl set interface vxlan0 options:remote_ip=flow ~
    ovs-vsctl add-port br0 gre0 -- set interface gre0 type=gre options:remote_ip=192.0.2.1 options:key=7
    ovs-vsctl set interface gre1 type=gre ~
    ovs-vsctl set interface gre0 ofport_request=5 ~
    ovs-vsctl add-port br0 eth4 vlan_mode=access tag=4096 ~
    ovs-vsctl add-port br0 eth5 vlan_mode=access tag=1 qos=x ~
    ovs-vsctl add-port br0 eth6 vlan_mode=access tag=1 'external_ids:description=["x"]' ~
    ovs-vsctl add-bond br0 bond0 eth7 eth8 ~
    ovs-ofctl add-flow br0 'priority=7,in_port=eth1 actions=output:eth2' ~
    ovs-ofctl del-flows br0 ~
    reboot ~
    ovs-vsctl "unfinished ~
"""


def test_openvswitch() -> None:
    state, found, wanted = marked("openvswitch", OPENVSWITCH)
    assert found == wanted
    assert [(port.name, port.tag) for port in state.bridges[0].ports] == [
        ("gre0", None), ("patch0", None), ("vxlan0", None),
        ("eth1", 10), ("eth2", None), ("patch2", 5), ("eth3", None),
    ]  # fmt: skip


def test_every_element_knows_its_line() -> None:
    text = "vrf lgwan\n ip route 10.0.0.0/8 blackhole\nexit-vrf\n!\ninterface eth1\n shutdown\nexit\nnonsense\n"
    parsed = parse("frr", "hall-core1", text)
    assert parsed.state.vrfs[0].origin == Origin("hall-core1", 1)
    assert parsed.state.vrfs[0].static_routes[0].origin == Origin("hall-core1", 2)
    assert parsed.state.interfaces[0].origin == Origin("hall-core1", 5)
    assert parsed.unknown == (UnknownLine(Origin("hall-core1", 8), "nonsense"),)
    rules = f"{NFT}table inet x {{\n\tset s {{\n\t\ttype ifname\n\t}}\n\tchain c {{\n\t\taccept\n\t\tdrop\n\t}}\n}}\n"
    table = parse("nftables", "hall-fw1", rules).state.tables[0]
    assert [item.origin.line for item in (table, table.sets[0], table.chains[0], *table.chains[0].rules)] == [
        2,
        3,
        6,
        7,
        8,
    ]
    switch = parse(
        "openvswitch", "acc1", "ovs-vsctl add-br br0\n\novs-vsctl add-port br0 eth1 vlan_mode=access tag=5\n"
    )
    assert [item.origin.line for item in (switch.state.bridges[0], *switch.state.bridges[0].ports)] == [1, 3]


@pytest.mark.parametrize(
    ("platform", "text"),
    [
        ("frr", "hostname hall-core1\n!\nvrf lgwan\n ip route 10.1.0.0/16 blackhole\nexit-vrf\n"),
        ("nftables", "# ==> /etc/nftables.conf\ntable inet sanso {\n}\n# ==> /etc/frr/frr.conf\nhostname hall-core1\n"),
        ("openvswitch", "ovs-vsctl add-br br0\n"),
    ],
)
def test_what_stands_beside_the_configuration_is_no_part_of_it(platform: Platform, text: str) -> None:
    section = f"{BESIDE_SECTION}\nip link gre1 type gre vrf lgwan\nip route 10.2.0.0/16 dev gre1\n"
    whole, alone = parse(platform, "hall-core1", text + section), parse(platform, "hall-core1", text)
    assert whole.state == alone.state
    assert alone.unknown == ()
    assert [(line.origin.line, line.text, line.beside) for line in whole.unknown] == [
        (text.count("\n") + 2, "ip link gre1 type gre vrf lgwan", True),
        (text.count("\n") + 3, "ip route 10.2.0.0/16 dev gre1", True),
    ]
    assert beside_section(text + section) == section
    assert beside_section(f"interface eth1\n description {BESIDE_SECTION}\n") == ""
