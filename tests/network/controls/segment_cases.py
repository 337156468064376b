"""Cases of the controls about segments, LGWAN, the internet and the model (C01 to C26)."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network, IPv6Network

from control_cases import GONE, PROVED, Case, added, crossing, every_rule, on, proof, rules, without
from control_patches import CLOUD, DEFAULT4, UNREAD, bgp, filtered, hall, opened, ports, row, segment, statics, switches

from inventory.text import Text
from network.prove.findings import Finding
from network.state import NftChain, NftRule, StaticRoute, SwitchPort

SEGMENT_CASES = (
    # My Number
    Case("C01", "pass", "nothing passes outside", more={"proof": PROVED}),
    Case("C01", "fail", "crossing lgwan > mynumber", more={"proof": proof(crossing("lgwan > mynumber"))}),
    Case("C01", "pass", "nothing passes outside", more={"proof": proof(crossing("lgwan > internet"))}),
    Case("C01", "undecidable", "sanso prove"),
    Case("C01", "undecidable", "claim of separation", more={"proof": proof(separation="not-proved")}),
    Case(
        "C01",
        "undecidable",
        "line 3",
        more={"proof": proof(Finding("unread", "hall-fw1 tunnel", Text("line 3", "3 行目")), separation="not-proved")},
    ),
    Case("C01", "pass", "nothing passes outside", more={"proof": proof(crossing("mynumber > device hall-fw1"))}),
    Case("C01", "fail", "crossing mynumber > management", more={"proof": proof(crossing("mynumber > management"))}),
    Case("C02", "pass", "f004 is approved until 2031-03-31"),
    Case("C02", "fail", "f004 lacks owner, document", patch={"flows": {"f004": {"owner": "", "document": ""}}}),
    Case("C02", "fail", "not a specified flow", patch={"flows": {"f004": {"kind": "service"}}}),
    Case("C02", "fail", "row: none", change=on("hall-fw1", rules("forward", opened("lgwan", "mynumber")))),
    Case(
        "C02", "fail", "row: f004", change=on("hall-fw1", rules("forward", opened("internet", "mynumber", row="f004")))
    ),
    Case(
        "C02",
        "fail",
        "row: f004",
        change=on(
            "hall-fw1",
            every_rule(lambda rule: replace(rule, dst=(IPv4Network("10.16.0.0/13"),)) if rule.id == "f004" else rule),
        ),
    ),
    Case("C02", "fail", "row: f999", change=on("dc-fw1", rules("forward", opened("mynumber", "lgwan", row="f999")))),
    Case("C02", "fail", "row: none", change=on("dc-fw1", rules("antispoof", opened("mynumber", "lgwan")))),
    Case("C02", "fail", "row: none", change=on("dc-fw1", rules("forward", NftRule("accept", oif="@zone_mynumber")))),
    Case("C02", "undecidable", "configuration of hall-fw1", change=without("hall-fw1")),
    Case("C02", "undecidable", "hall-fw1: 1 lines are not understood", more={"unknown": UNREAD}),
    Case("C02", "not-applicable", "no flow crosses", city="tiny"),
    Case("C03", "undecidable", "802.1X"),
    Case("C03", "pass", "f004: mn-core is narrow", patch=switches("mac-binding")),
    Case("C03", "fail", "no 802.1X or MAC authentication or MAC binding", patch=switches("bpdu-guard")),
    Case(
        "C03",
        "fail",
        "holds 10.24.0.0/13",
        patch={
            "groups": {"all": {"title": "全部", "members": ({"segment": "lgwan"},)}},
            "flows": {"f004": {"from": "all"}},
        },
    ),
    Case(
        "C03",
        "fail",
        "without addresses",
        change=on("hall-fw1", every_rule(lambda rule: replace(rule, src=()) if rule.id == "f004" else rule)),
    ),
    Case("C04", "pass", "f004: tcp/8443"),
    Case("C04", "fail", "broad range tcp/1-65535", patch={"flows": {"f004": {"ports": ("tcp/1-65535",)}}}),
    Case(
        "C04",
        "fail",
        "leaves ports open",
        change=on(
            "hall-fw1", every_rule(lambda rule: replace(rule, protocol="", dports=()) if rule.id == "f004" else rule)
        ),
    ),
    Case("C05", "not-applicable", "no external partner"),
    Case("C05", "pass", "the government cloud", patch={"peers": {"gov": CLOUD}}),
    Case("C05", "fail", "is of kind internet", patch={"peers": {"gov": {**CLOUD, "kind": "internet"}}}),
    Case("C05", "fail", "leads on to", patch={"peers": {"gov": CLOUD, "internet": {"behind": "gov"}}}),
    Case(
        "C05",
        "fail",
        "runs over mobile",
        patch={"peers": {"gov": {**CLOUD, "attachments": {"a": {**CLOUD["attachments"]["a"], "medium": "mobile"}}}}},  # type: ignore[index]
    ),
    Case("C06", "pass", "hall-core1: no default route"),
    Case("C06", "fail", "static route 0.0.0.0/0", change=on("hall-core1", statics("mynumber", DEFAULT4))),
    Case(
        "C06",
        "fail",
        "OSPF announces a default",
        change=on(
            "dc-core1",
            lambda state: replace(
                state, ospf=tuple(replace(item, default_originate=item.vrf == "mynumber") for item in state.ospf)
            ),
        ),
    ),
    Case(
        "C06",
        "fail",
        "BGP announces ::/0",
        change=on(
            "hall-core1",
            bgp(lambda item: replace(item, networks=(IPv6Network("::/0"),)) if item.vrf == "mynumber" else item),
        ),
    ),
    Case(
        "C06",
        "fail",
        "BGP would take 0.0.0.0/0",
        change=on(
            "hall-core1",
            bgp(lambda item: replace(item, neighbors=tuple(replace(one, prefixes_in="") for one in item.neighbors))),
        ),
    ),
    Case("C06", "undecidable", "configuration of hall-core1", change=without("hall-core1")),
    Case("C06", "not-applicable", "no My Number segment", city="tiny"),
    # terminals
    Case("C07", "pass", "terminals hall/mn-pc in mynumber"),
    Case(
        "C07",
        "fail",
        "terminals hall/mn-pc in lgwan, mynumber",
        patch=hall(terminals={"mn-pc": {"vlan": ("mn-office", "lg-office")}}),
    ),
    Case(
        "C07",
        "fail",
        "hall-acc1 eth40 carries lgwan, mynumber",
        change=on("hall-acc1", ports(SwitchPort("eth40", "trunk", trunks=(101, 201)))),
    ),
    Case(
        "C07",
        "fail",
        "PCs reach more than servers",
        patch={
            "groups": {"mn-pcs": {"title": "MN端末", "members": ({"terminals": "mn-pc"},)}},
            "flows": {"f100": row("lg-clients", "mn-pcs")},
        },
    ),
    Case("C07", "pass", "shown desktops on servers", patch={"flows": {"f100": row("lg-clients", "mn-core")}}),
    Case("C10", "undecidable", "screen-transfer", patch={"flows": {"f100": row("lg-clients", "mn-core")}}),
    Case("C10", "not-applicable", "no flow is a screen transfer"),
    Case("C11", "pass", "hall-lg-file: hall-acc1 eth20, VLAN 202"),
    Case(
        "C11",
        "fail",
        "not a port of VLAN 202 alone",
        change=on("hall-acc1", ports(SwitchPort("eth20", "trunk", trunks=(101, 202)))),
    ),
    Case("C11", "fail", "eth0 is a port", change=on("hall-acc1", ports(SwitchPort("eth0", "access", tag=201)))),
    Case("C11", "fail", "management addresses lie in lgwan", patch={"management": {"ipv4": "10.31.0.0/16"}}),
    Case("C11", "fail", "crossing lgwan > management", more={"proof": proof(crossing("lgwan > management"))}),
    Case("C11", "not-applicable", "no server", city="tiny"),
    # LGWAN and the internet
    Case("C12", "pass", "f003 is registered", more={"proof": PROVED}),
    Case("C12", "undecidable", "sanso prove"),
    Case("C12", "fail", "crossing internet > lgwan", more={"proof": proof(crossing("internet > lgwan"))}),
    Case("C12", "fail", "no row in force covers", change=on("hall-fw1", rules("forward", opened("lgwan", "internet")))),
    Case("C12", "fail", "f003 passes more", more={"proof": proof(filtered("hall-fw1 f003", "f003 passes more"))}),
    Case("C12", "pass", "f003 is registered", more={"proof": proof(filtered("hall-fw1 f004", "f004 passes more"))}),
    Case("C12", "undecidable", "a snat", more={"proof": proof(filtered("hall-fw1 snat", "a snat"))}),
    Case("C13", "pass", "f003 ends on hall-lg-gate"),
    Case("C13", "fail", "does not end on a gateway", patch={"flows": {"f003": {"to": "lg-mail"}}}),
    Case("C13", "fail", "does not end on a gateway", patch={"flows": {"f003": {"kind": "service"}}}),
    Case("C13", "pass", "no flow from the internet", city="tiny"),
    Case("C14", "pass", "none of 0 flows"),
    Case("C14", "fail", "straight to the internet", patch={"flows": {"f100": row("lg-clients", "the-internet")}}),
    Case("C14", "fail", "to a resolver", patch={"flows": {"f100": row("lg-clients", "net-clients", ("udp/53",))}}),
    Case("C14", "fail", "to a proxy", patch={"flows": {"f100": row("lg-clients", "net-clients", ("tcp/8080",))}}),
    Case("C14", "fail", "static route 0.0.0.0/0", change=on("north-edge1", statics("lgwan", DEFAULT4))),
    Case("C14", "not-applicable", "not a rule for model beta", patch={"model": "beta"}),
    Case("C15", "pass", "lgwan ends on firewall hall-fw1"),
    Case(
        "C15",
        "fail",
        "static route 172.20.5.0/24",
        change=on("hall-core1", statics("lgwan", StaticRoute(IPv4Network("172.20.5.0/24")))),
    ),
    Case(
        "C15",
        "fail",
        "announces 172.20.0.0/16",
        change=on("hall-core2", bgp(lambda item: replace(item, networks=(IPv4Network("172.20.0.0/16"),)))),
    ),
    Case(
        "C15",
        "fail",
        "speaks BGP with LGWAN",
        change=on(
            "hall-core1",
            bgp(lambda item: replace(item, neighbors=tuple(replace(one, remote_as=64600) for one in item.neighbors))),
        ),
    ),
    Case("C15", "not-applicable", "not joined to LGWAN", city="tiny"),
    Case("C16", "undecidable", "assigned6"),
    Case("C16", "pass", "translates to 172.31.10.1", patch={"peers": {"lgwan": {"assigned6": "fd5a:1:2::/48"}}}),
    Case("C16", "fail", "announces fd5a:1:2::/48", patch={"peers": {"lgwan": {"assigned6": "2001:db8:7::/48"}}}),
    Case("C16", "fail", "has no assigned address", patch={"peers": {"lgwan": {"source_nat4": None}}}),
    Case(
        "C16",
        "fail",
        "translates to 172.31.10.9",
        change=on(
            "hall-fw1",
            every_rule(lambda rule: replace(rule, to=IPv4Address("172.31.10.9")) if rule.verdict == "snat" else rule),
        ),
    ),
    Case(
        "C16",
        "fail",
        "hall-fw1 does not translate all sources of f001",
        change=on(
            "hall-fw1",
            every_rule(
                lambda rule: replace(rule, src=(IPv4Network("10.24.16.0/24"),)) if rule.verdict == "snat" else rule
            ),
        ),
    ),
    Case(
        "C16",
        "fail",
        "announces 0.0.0.0/0",
        change=on(
            "hall-fw1",
            bgp(lambda item: replace(item, neighbors=tuple(replace(one, prefixes_out="") for one in item.neighbors))),
        ),
    ),
    Case("C17", "fail", "f001 leads to all of lgwan"),
    Case(
        "C17",
        "pass",
        "f001 → 172.20.10.0/24",
        patch={
            "groups": {
                "lgwan-asp": {"members": ({"peer": "lgwan", "prefixes": ("172.20.10.0/24", "fd00:20:10::/48")},)}
            }
        },
    ),
    Case("C17", "pass", "no flow to lgwan", patch={"flows": {"f001": GONE}}),
    Case("C17", "not-applicable", "not joined", city="tiny"),
    # out to the internet
    Case("C18", "pass", "exit: 県情報セキュリティクラウド"),
    Case("C18", "fail", "no security cloud", patch={"peers": {"security-cloud": {"kind": "internet"}}}),
    Case("C18", "fail", "static route 0.0.0.0/0", change=on("hall-core1", statics("internet", DEFAULT4))),
    Case(
        "C18",
        "fail",
        "would take 0.0.0.0/0",
        change=on(
            "dc-fw1",
            bgp(lambda item: replace(item, neighbors=tuple(replace(one, prefixes_in="") for one in item.neighbors))),
        ),
    ),
    Case("C19", "pass", "security-cloud: security-cloud"),
    Case("C19", "fail", "is reached through lgwan", patch={"peers": {"internet": {"behind": "lgwan"}}}),
    Case("C19", "fail", "gov/a leads to the internet", patch={"peers": {"gov": {**CLOUD, "kind": "internet"}}}),
    Case(
        "C19", "pass", "gov: internet", patch={"model": "alpha-prime", "peers": {"gov": {**CLOUD, "kind": "internet"}}}
    ),
    Case("C21", "pass", "translates no destination"),
    Case(
        "C21",
        "fail",
        "opens lgwan",
        patch={"flows": {"f100": row("the-internet", "lg-mail", ("tcp/25",), kind="dmz")}},
    ),
    Case(
        "C21",
        "fail",
        "translates to 10.24.16.9",
        change=on(
            "hall-fw1",
            added(
                NftChain(
                    "prerouting", (NftRule("dnat", to=IPv4Address("10.24.16.9")),), "nat", "prerouting", -100, "accept"
                )
            ),
        ),
    ),
    Case(
        "C21",
        "fail",
        "hall-fw1: a rule that no row in force covers",
        patch={"segments": {"dmz": segment(8, "dmz", 80)}},
        change=on("hall-fw1", rules("forward", opened("dmz", "lgwan"))),
    ),
    Case("C22", "not-applicable", "publishes nothing"),
    Case("C22", "undecidable", "probe", patch={"segments": {"dmz": segment(8, "dmz", 80)}}),
    # model
    Case("C23", "pass", "PCs: LGWAN 46, internet 5"),
    Case("C23", "fail", "PCs: LGWAN 46, internet 100", patch=hall(terminals={"net-pc": {"count": 100}})),
    Case("C23", "pass", "servers: LGWAN 3, internet 0", patch={"model": "beta"}),
    Case("C23", "fail", "servers: LGWAN 3, internet 0", patch={"model": "beta-prime"}),
    Case("C24", "not-applicable", "not a rule for model alpha"),
    Case("C24", "undecidable", "tenant", patch={"model": "alpha-prime"}),
    Case("C24", "not-applicable", "edition 2023-03", patch={"model": "alpha-prime", "edition": "2023-03"}),
    Case("C25", "not-applicable", "not a rule for model alpha"),
    Case("C25", "undecidable", "agents", patch={"model": "beta"}),
    Case("C26", "not-applicable", "not a rule for model alpha-prime", patch={"model": "alpha-prime"}),
    Case("C26", "undecidable", "audit", patch={"model": "beta-prime"}),
)
