"""Cases of the controls about wireless, access, operations, changes and continuity (C27 to C58)."""

from __future__ import annotations

from dataclasses import replace

from control_cases import PROVED, Case, crossing, on, proof, rules
from control_patches import (
    CHANGE,
    CLOUD,
    GUEST,
    GUEST_OUT,
    ISOLATED,
    PROTECTED,
    REMOTE,
    STAFF,
    edition,
    hall,
    opened,
    ports,
    row,
    switches,
    vlan,
    wireless,
)

from inventory.origin import Origin
from inventory.text import Text
from network.controls import ChangeLog, Deviation, Inspection
from network.prove.findings import Finding
from network.state import NftRule, SwitchPort

MAINTAINED = {
    "management": {"two_factor": True, "recording": True},
    "flows": {
        "f100": row("lg-clients", "net-clients", ("tcp/22",), kind="maintenance", window=("sat,sun 22:00-05:00",))
    },
}
TIMED = {
    "groups": {"ntp": {"title": "時刻", "members": ({"peer": "security-cloud", "prefixes": ("172.26.10.5/32",)},)}},
    "flows": {
        "t1": row("mn-core", "lg-mail", ("udp/123",)),
        "t2": row("lg-mail", "lgwan-asp", ("udp/123",)),
        "t3": row("net-clients", "ntp", ("udp/123",)),
    },
}
NAMED = {"authentication": "radius", "named_users": True}


def told(**inspections: Inspection) -> dict[str, object]:
    return {"inspections": {name.replace("_", "-"): found for name, found in inspections.items()}}


SEEN = told(hall_core1=Inspection(0.0, 0.1, frozenset({("tcp", 22), ("udp", 3784)})))
OPERATION_CASES = (
    # wireless
    Case("C27", "not-applicable", "no wireless"),
    Case("C27", "undecidable", "security mode (1 SSIDs without", patch=wireless("lg-office")),
    Case("C27", "pass", "wpa3-enterprise", patch=wireless("lg-office", **STAFF)),
    Case("C27", "fail", "wpa2-personal", patch=wireless("lg-office", **{**STAFF, "security": "wpa2-personal"})),
    Case("C28", "pass", "EAP-TLS", patch=wireless("lg-office", **STAFF)),
    Case("C28", "fail", "EAP-TLS, EAP-PEAP", patch=wireless("lg-office", **{**STAFF, "eap": ("tls", "peap")})),
    Case("C28", "not-applicable", "no wireless"),
    Case("C29", "pass", "no wireless VLAN in My Number"),
    Case("C29", "fail", "hall/mn-office is wireless", patch=edition("2022-03", wireless("mn-office", **STAFF))),
    Case("C29", "pass", "wpa3-enterprise", patch=edition("2025-03", wireless("mn-office", **STAFF))),
    Case("C29", "undecidable", "rogue detection", patch=edition("2025-03", wireless("mn-office"))),
    Case("C29", "fail", "EAP methods EAP-PEAP", patch=wireless("mn-office", **{**STAFF, "eap": ("peap",)})),
    Case("C29", "fail", "rogue detection off", patch=wireless("mn-office", **{**STAFF, "rogue_detection": False})),
    Case(
        "C29",
        "fail",
        "segments it serves: lgwan, mynumber",
        patch=hall(vlans={name: {"medium": "wireless", "ssid": STAFF} for name in ("mn-office", "lg-office")}),
    ),
    Case("C29", "not-applicable", "no My Number segment", city="tiny"),
    Case("C30", "not-applicable", "no wireless"),
    Case("C30", "pass", "hall/lg-office: lgwan", patch=wireless("lg-office")),
    Case(
        "C30",
        "fail",
        "SSID staff: internet, lgwan",
        patch=hall(vlans={name: {"medium": "wireless", "ssid": STAFF} for name in ("net-office", "lg-office")}),
    ),
    Case(
        "C30",
        "fail",
        "class mn-pc: lgwan, mynumber",
        patch=hall(
            vlans={name: {"medium": "wireless"} for name in ("mn-office", "lg-office")},
            terminals={"lg-pc": {"class": "mn-pc"}},
        ),
    ),
    Case("C31", "not-applicable", "no guest segment"),
    Case("C31", "undecidable", "client isolation", patch=GUEST),
    Case(
        "C31",
        "pass",
        "f100",
        patch={
            **GUEST_OUT,
            "sites": {
                "hall": {
                    **GUEST["sites"]["hall"],
                    "vlans": {"guest": vlan("guest", 401, medium="wireless", ssid=ISOLATED)},
                }
            },
        },
    ),
    Case(
        "C31",
        "fail",
        "row f101 lets private destinations pass",
        patch={
            **GUEST_OUT,
            "groups": {**GUEST["groups"], "cloud": {"title": "雲", "members": ({"peer": "security-cloud"},)}},
            "flows": {"f101": row("guests", "cloud", kind="breakout")},
        },
    ),
    Case("C31", "fail", "row f100 leads inside", patch={**GUEST, "flows": {"f100": row("guests", "lg-mail")}}),
    Case(
        "C31",
        "fail",
        "VRF guest is shared",
        patch={**GUEST, "segments": {**GUEST["segments"], "internet": {"vrf": "guest"}}},
    ),
    Case("C32", "undecidable", "alarm", patch=wireless("lg-office", **STAFF)),
    Case("C32", "fail", "rogue detection off", patch=wireless("lg-office", **{**STAFF, "rogue_detection": False})),
    Case("C32", "not-applicable", "no wireless"),
    Case("C33", "undecidable", "TKIP", patch=wireless("lg-office", **STAFF)),
    Case("C33", "fail", "wep", patch=wireless("lg-office", **{**STAFF, "security": "wep"})),
    Case("C33", "fail", "frames off", patch=wireless("lg-office", **{**STAFF, "protected_frames": False})),
    Case("C33", "not-applicable", "no wireless"),
    Case("C34", "undecidable", "RADIUS", patch=wireless("lg-office")),
    Case("C34", "not-applicable", "no wireless"),
    # wired
    Case("C35", "undecidable", "802.1X or MAC authentication (3 switches"),
    Case("C35", "pass", "10 terminals, 4 ports", patch=switches(*PROTECTED)),
    Case("C35", "fail", "no 802.1X", patch=switches("bpdu-guard")),
    Case("C35", "fail", "4 ports are open for 2 terminals", patch=hall(terminals={"mn-pc": {"count": 2}})),
    Case(
        "C35",
        "fail",
        "hall-acc1 eth40 is in a VLAN",
        change=on("hall-acc1", ports(SwitchPort("eth40", "access", tag=201))),
    ),
    Case("C36", "undecidable", "DHCP snooping (3 switches"),
    Case("C36", "pass", "RA guard declared", patch=switches(*PROTECTED)),
    Case("C36", "fail", "no RA guard", patch=switches("dhcp-snooping", "arp-inspection", "bpdu-guard")),
    # maintenance and remote work
    Case("C37", "not-applicable", "no maintenance flow"),
    Case(
        "C37",
        "fail",
        "f100 is open at any time",
        patch={"flows": {"f100": row("lg-clients", "net-clients", kind="maintenance")}},
    ),
    Case("C37", "pass", "hall-fw1 closes f100 outside its window", patch=MAINTAINED),
    Case("C37", "pass", "record of maintenance sessions: yes", patch=MAINTAINED),
    Case("C37", "fail", "two factors for maintenance: no", patch={**MAINTAINED, "management": {"two_factor": False}}),
    Case("C37", "undecidable", "management.recording", patch={**MAINTAINED, "management": {"two_factor": True}}),
    Case(
        "C37",
        "fail",
        "hall-fw1 lets f100 pass outside its window",
        patch=MAINTAINED,
        change=on("hall-fw1", rules("forward", opened("lgwan", "internet", "f100"))),
    ),
    Case("C38", "not-applicable", "no segment for remote work"),
    Case("C38", "undecidable", "gateway", patch=REMOTE),
    Case("C39", "not-applicable", "no segment for remote work"),
    Case("C39", "pass", "no row and no rule", patch=REMOTE),
    Case(
        "C39",
        "fail",
        "a rule into My Number",
        patch=REMOTE,
        change=on("hall-fw1", rules("forward", opened("remote", "mynumber"))),
    ),
    Case(
        "C39",
        "fail",
        "f100 is registered",
        patch={
            **REMOTE,
            "groups": {"home": {"title": "在宅", "members": ({"segment": "remote"},)}},
            "flows": {"f100": row("home", "mn-core")},
        },
    ),
    Case(
        "C39", "fail", "crossing remote > mynumber", patch=REMOTE, more={"proof": proof(crossing("remote > mynumber"))}
    ),
    # operations
    Case("C43", "fail", "lgwan has no way"),
    Case(
        "C43",
        "undecidable",
        "clocks and services of the devices",
        patch=TIMED,
    ),
    Case("C43", "pass", "hall-core1: clock +0.40", patch=TIMED, more=told(hall_core1=Inspection(0.4, 0.1))),
    Case("C43", "fail", "clock is off by -1.30", patch=TIMED, more=told(hall_core1=Inspection(-1.3, 0.1))),
    Case("C43", "undecidable", "a closer look", patch=TIMED, more=told(hall_core1=Inspection(0.9, 0.4))),
    Case(
        "C43",
        "fail",
        "mynumber has no way",
        patch={"flows": {"t1": row("mn-core", "lg-mail", ("udp/123",)), "t2": row("lg-mail", "mn-core", ("udp/123",))}},
    ),
    Case("C44", "undecidable", "13 devices and servers"),
    Case(
        "C44", "fail", "hall-core1 ended on 2026-11-19", patch=hall(devices={"core1": {"end_of_support": "2026-11-19"}})
    ),
    Case(
        "C44",
        "pass",
        "hall-core1 until 2026-11-20",
        city="tiny",
        patch={
            "sites": {
                "hall": {"devices": {name: {"end_of_support": "2026-11-20"} for name in ("core1", "fw1", "acc1")}},
                "north": {"devices": {name: {"end_of_support": "2030-01-01"} for name in ("edge1", "acc1")}},
            }
        },
    ),
    # clouds
    Case("C51", "not-applicable", "not joined to the government cloud"),
    Case("C51", "pass", "two of them apart", patch={"peers": {"gov": CLOUD}}),
    Case("C51", "fail", "lands in lgwan without a row", patch={"peers": {"gov": {**CLOUD, "segment": "lgwan"}}}),
    Case(
        "C51",
        "fail",
        "no two lines that share nothing",
        patch={"peers": {"gov": {**CLOUD, "attachments": {"a": CLOUD["attachments"]["a"]}}}},  # type: ignore[index]
    ),
    Case("C52", "not-applicable", "uses no cloud"),
    Case("C52", "undecidable", "terms", patch={"peers": {"gov": CLOUD}}),
    # changes
    Case("C53", "undecidable", "--running"),
    Case("C53", "pass", "9 devices run", more={"drift": ()}),
    Case(
        "C53",
        "fail",
        "hall-fw1: - rule",
        more={"drift": (Deviation("hall-fw1", Text("- rule", "- 規則"), Origin("hall-fw1", 3)),)},
    ),
    Case("C54", "undecidable", "--journal"),
    Case("C54", "not-applicable", "no change of this city", more={"changes": ChangeLog(())}),
    Case("C54", "pass", "approved by suzuki", more={"changes": ChangeLog((CHANGE,))}),
    Case(
        "C54",
        "fail",
        "lacks somebody else's approval",
        more={"changes": ChangeLog((replace(CHANGE, approver="Sato"),))},
    ),
    Case(
        "C54", "fail", "lacks an end, a result", more={"changes": ChangeLog((replace(CHANGE, ended_at="", result=""),))}
    ),
    Case("C54", "fail", "a way back", more={"changes": ChangeLog((replace(CHANGE, restorable=2),))}),
    Case("C54", "fail", "broken at row 3", more={"changes": ChangeLog((CHANGE,), Text("broken at row 3", "3 行目"))}),
    Case("C55", "undecidable", "management.authentication"),
    Case("C55", "undecidable", "clocks and services of the devices", patch={"management": NAMED}),
    Case("C55", "pass", "hall-core1 offers no telnet", patch={"management": NAMED}, more={**SEEN, "proof": PROVED}),
    Case("C55", "fail", "AAA by a server: no", patch={"management": {**NAMED, "authentication": "local"}}, more=SEEN),
    Case("C55", "fail", "named users: no", patch={"management": {**NAMED, "named_users": False}}, more=SEEN),
    Case(
        "C55",
        "fail",
        "hall-core1 offers telnet",
        more=told(hall_core1=Inspection(0.0, 0.1, frozenset({("tcp", 23), ("tcp", 22)}))),
    ),
    Case(
        "C55",
        "undecidable",
        "the SNMP version of hall-core1",
        patch={"management": NAMED},
        more={**told(hall_core1=Inspection(0.0, 0.1, frozenset({("udp", 161)}))), "proof": PROVED},
    ),
    Case(
        "C55",
        "pass",
        "hall-core1 offers SNMPv3 only",
        patch={"management": NAMED},
        more={**told(hall_core1=Inspection(0.0, 0.1, frozenset({("udp", 161)}), communities=False)), "proof": PROVED},
    ),
    Case(
        "C55",
        "fail",
        "hall-core1 offers SNMPv1/v2c",
        more=told(hall_core1=Inspection(0.0, 0.1, frozenset({("udp", 161)}), communities=True)),
    ),
    Case("C55", "pass", "SSH and SNMP from management", patch={"management": NAMED}, more={**SEEN, "proof": PROVED}),
    Case(
        "C55",
        "fail",
        "lets in udp/161",
        patch={"management": {"snmp": None}},
        change=on("hall-fw1", rules("input", NftRule("accept", iif=("eth0",), protocol="udp", dports=((161, 161),)))),
    ),
    Case("C55", "fail", "lgwan > device", more={"proof": proof(crossing("lgwan > device hall-fw1"))}),
    Case(
        "C55",
        "fail",
        "lets in tcp/23",
        change=on("hall-fw1", rules("input", NftRule("accept", iif=("eth0",), protocol="tcp", dports=((23, 23),)))),
    ),
    Case(
        "C55",
        "fail",
        "lets in tcp/22",
        change=on("hall-fw1", rules("input", NftRule("accept", protocol="tcp", dports=((22, 22),)))),
    ),
    Case(
        "C55",
        "fail",
        "lets in tcp/179",
        change=on("hall-fw1", rules("input", NftRule("accept", protocol="tcp", dports=((179, 179),)))),
    ),
    Case(
        "C55",
        "fail",
        "f100 allows telnet",
        patch={"flows": {"f100": row("lg-clients", "net-clients", ("tcp/23",), kind="maintenance")}},
    ),
    # continuity
    Case("C56", "undecidable", "sanso prove"),
    Case("C56", "pass", "no single failure", more={"proof": PROVED}),
    Case(
        "C56",
        "fail",
        "north is cut",
        more={"proof": proof(Finding("spof", "circuit north", Text("north is cut", "北が切断")))},
    ),
    Case("C56", "undecidable", "claim of resilience", more={"proof": proof(resilience="not-proved")}),
)
