"""Generated cities of any size, for tests and benchmarks: hubs, branches with an edge and access switches, a register.

The same size gives the same city. The shape is that of a city: a hall and a data center with cores and firewalls, hubs
that gather some thirty branches each, branches of three kinds, every third one with a second circuit.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import count
from typing import Any

from inventory.model import City

Data = dict[str, Any]

SEGMENTS = (
    ("mynumber", "mynumber", "マイナンバー利用事務系"),
    ("lgwan", "lgwan", "LGWAN接続系"),
    ("internet", "internet", "インターネット接続系"),
    ("guest", "guest", "来庁者Wi-Fi"),
    ("iot", "iot", "設備系"),
    ("voice", "voice", "音声系"),
    ("school", "school", "校務系"),
    ("dmz", "dmz", "公開系"),
    ("remote", "remote", "テレワーク系"),
    ("camera", "iot", "防災カメラ系"),
    ("signage", "iot", "電子掲示板系"),
    ("shelter", "guest", "避難所Wi-Fi"),
)
"""Name, kind, title; a city takes the first 6 to 12."""

FEWEST_SEGMENTS = 6
SMALLEST = 24
"""Devices of the hall, the data center, one hub and a branch."""
LARGEST = 10_000
USUAL = 2000
"""Devices up to which branches have their usual sizes; there are no more site numbers, so larger cities have larger
branches."""
BRANCHES_A_HUB = 30
BRANCH_SIZES = (2, 3, 4, 2, 3)
"""Devices of each branch in turn: an edge and its access switches."""
SERVER_PAIRS = 9
"""Pairs of server ports on a switch; odd, so that the pair after the last stands on another of an even number of
switches."""
FIRST_BRANCH_NUMBER = 100

_CLASSES = {"mynumber": "mn-pc", "voice": "phone", "iot": "sensor", "guest": "visitor"}
_KINDS = {"mn-pc": "pc", "phone": "phone", "sensor": "sensor", "visitor": "guest", "pc": "pc"}


def generate_city(devices: int, segments: int = 8) -> City:
    """A city of exactly `devices` network devices.

    Args:
        devices: 24 to 10,000.
        segments: 6 to 12.

    Raises:
        ValueError: a number outside these bounds.
    """
    if not SMALLEST <= devices <= LARGEST or not FEWEST_SEGMENTS <= segments <= len(SEGMENTS):
        bounds = f"{SMALLEST} to {LARGEST} devices and {FEWEST_SEGMENTS} to {len(SEGMENTS)} segments"
        msg = f"a generated city has {bounds}, not {devices} and {segments}"
        raise ValueError(msg)
    names = SEGMENTS[:segments]
    sites: dict[str, Data] = {"hall": _hall(names), "dc": _data_center(names)}
    circuits = dict(_trunk_circuits())
    left = devices - sum(len(site["devices"]) for site in sites.values())
    numbers = count(len(circuits))
    larger = -(-devices // USUAL)
    for index in count():
        if not left:
            break
        hub, place = divmod(index, BRANCHES_A_HUB)
        if place == 0 and left > 4:  # noqa: PLR2004 a hub and a branch
            sites[f"hub{hub}"] = _hub(hub, names)
            circuits |= dict(_hub_circuits(hub, numbers))
            left -= len(sites[f"hub{hub}"]["devices"])
        size = min(left, larger * BRANCH_SIZES[index % len(BRANCH_SIZES)])
        if left - size == 1:
            size += 1
        sites[f"branch{index}"] = _branch(index, size, names)
        circuits |= dict(_branch_circuits(index, hub if f"hub{hub}" in sites else hub - 1, numbers))
        left -= size
    return City.model_validate(
        {
            "name": f"generated-{devices}",
            "title": f"試験市({devices}台)",
            "model": "alpha",
            "edition": "2025-03",
            "management": {"ipv4": "172.16.0.0/12"},
            "segments": {name: _segment(number, *row) for number, row in enumerate(names, 1) for name in row[:1]},
            "terminal_classes": {name: {"title": name, "kind": kind} for name, kind in _KINDS.items()},
            "sites": sites,
            "circuits": circuits,
            "peers": _peers(),
            "groups": _groups(names),
            "flows": dict(_flows(names)),
        }
    )


def _segment(number: int, name: str, kind: str, title: str) -> Data:
    """IPv4: a /13 cut into a /23 a site. IPv6: a /44 cut into a /56 a site."""
    first = 8 + 8 * number
    return {
        "number": number,
        "kind": kind,
        "title": title,
        "vrf": name,
        "ipv4": {"supernet": f"10.{first}.0.0/13", "site_prefix": 23, "transit": f"10.{first + 7}.128.0/17"},
        "ipv6": {"supernet": f"fd5a:1:{number:x}0::/44", "transit": f"fd5a:1:{number:x}f:ff00::/64"},
    }


def _device(number: int, role: str, **more: object) -> Data:
    platforms = {"core": "frr", "edge": "frr", "firewall": "nftables", "access": "openvswitch"}
    return {"number": number, "role": role, "platform": platforms[role], "ports": 128, **more}


def _vlans(names: tuple[tuple[str, str, str], ...], gateway: str, switches: tuple[str, ...]) -> dict[str, Data]:
    """One VLAN a segment, on the switches in turn."""
    return {
        f"{name}-lan": {
            "segment": name,
            "id": 100 * number + 1,
            "slot": 0,
            "gateway": gateway,
            "access": switches[number % len(switches)],
        }
        for number, (name, _, _) in enumerate(names, 1)
    }


def _terminals(vlans: dict[str, Data]) -> dict[str, Data]:
    return {
        f"{vlan['segment']}-t": {
            "class": _CLASSES.get(vlan["segment"], "pc"),
            "vlan": key,
            "number": 100,
            "count": 8,
            "switch": vlan["access"],
            "ports": f"eth{10 + 8 * place}-eth{15 + 8 * place}",
        }
        for place, (key, vlan) in enumerate(vlans.items())
    }


def _servers(vlans: dict[str, Data]) -> dict[str, Data]:
    """Two servers in every VLAN."""
    return {
        f"{vlan['segment']}-s{number}": {
            "title": f"サーバ{number}",
            "vlan": key,
            "number": 10 + number,
            "management": 70 + 2 * place + number,
            "switch": vlan["access"],
            "port": f"eth{110 + number + 2 * (place % SERVER_PAIRS)}",
            "listens": ["tcp/443"],
        }
        for place, (key, vlan) in enumerate(vlans.items())
        for number in (0, 1)
    }


def _hall(names: tuple[tuple[str, str, str], ...]) -> Data:
    switches = tuple(f"acc{n}" for n in range(1, 7))
    vlans = _vlans(names, "core1", switches)
    return {
        "number": 1,
        "title": "本庁舎",
        "kind": "city-hall",
        "devices": {
            "core1": _device(1, "core"),
            "core2": _device(2, "core"),
            "fw1": _device(5, "firewall", asn=64520),
            **{name: _device(10 + place, "access") for place, name in enumerate(switches, 1)},
        },
        "links": {
            "cores": {"number": 0, "a": "core1:eth1", "b": "core2:eth1"},
            "fw-a": {"number": 1, "a": "core1:eth2", "b": "fw1:eth1"},
            "fw-b": {"number": 2, "a": "core2:eth2", "b": "fw1:eth2"},
            **{name: {"a": f"core1:eth{9 + place}", "b": f"{name}:eth1"} for place, name in enumerate(switches, 1)},
        },
        "vlans": vlans,
        "terminals": _terminals(vlans),
        "servers": _servers(vlans),
    }


def _data_center(names: tuple[tuple[str, str, str], ...]) -> Data:
    vlans = _vlans(names, "core1", ("acc1", "acc2"))
    return {
        "number": 2,
        "title": "データセンター",
        "kind": "data-center",
        "devices": {
            "core1": _device(1, "core", standby=True),
            "core2": _device(2, "core", standby=True),
            "fw1": _device(5, "firewall", asn=64521, standby=True),
            "acc1": _device(11, "access"),
            "acc2": _device(12, "access"),
        },
        "links": {
            "cores": {"number": 0, "a": "core1:eth1", "b": "core2:eth1"},
            "fw-a": {"number": 1, "a": "core1:eth2", "b": "fw1:eth1"},
            "fw-b": {"number": 2, "a": "core2:eth2", "b": "fw1:eth2"},
            "acc1": {"a": "core1:eth10", "b": "acc1:eth1"},
            "acc2": {"a": "core1:eth11", "b": "acc2:eth1"},
        },
        "vlans": vlans,
        "servers": _servers(vlans),
    }


def _hub(hub: int, names: tuple[tuple[str, str, str], ...]) -> Data:
    vlans = _vlans(names[:3], "core1", ("acc1",))
    return {
        "number": 10 + hub,
        "title": f"集約拠点{hub}",
        "kind": "branch",
        "devices": {"core1": _device(1, "core"), "acc1": _device(11, "access")},
        "links": {"acc1": {"a": "core1:eth10", "b": "acc1:eth1"}},
        "vlans": vlans,
        "terminals": _terminals(vlans),
    }


def _branch(index: int, size: int, names: tuple[tuple[str, str, str], ...]) -> Data:
    """An edge and a chain of access switches; the larger ones have more segments."""
    switches = tuple(f"acc{n}" for n in range(1, size))
    present = names if size >= 4 else names[1:4] if size == 2 else names[:6]  # noqa: PLR2004 sizes of BRANCH_SIZES
    vlans = _vlans(present, "edge1", switches)
    above = ("edge1:eth2", *(f"{name}:eth2" for name in switches))
    return {
        "number": FIRST_BRANCH_NUMBER + index,
        "title": f"出先{index}",
        "kind": "branch",
        "devices": {
            "edge1": _device(1, "edge"),
            **{name: _device(10 + place, "access") for place, name in enumerate(switches, 1)},
        },
        "links": {name: {"a": up, "b": f"{name}:eth1"} for name, up in zip(switches, above, strict=False)},
        "vlans": vlans,
        "terminals": _terminals(vlans),
    }


def _circuit(number: int, a: str, b: str, **more: object) -> Data:
    line = {"number": number, "a": a, "b": b, "medium": "dark-fibre", "provider": "市", "bandwidth": "1G"}
    return {**line, **more}


def _trunk_circuits() -> Iterator[tuple[str, Data]]:
    yield "dc-a", _circuit(0, "hall-core1:eth3", "dc-core1:eth3", bandwidth="10G")
    yield "dc-b", _circuit(1, "hall-core2:eth3", "dc-core2:eth3", medium="wide-area-ethernet")


def _hub_circuits(hub: int, numbers: count[int]) -> Iterator[tuple[str, Data]]:
    for place in (1, 2):
        ends = (f"hall-core{place}:eth{30 + hub}", f"hub{hub}-core1:eth{place}")
        yield f"hub{hub}-{'ab'[place - 1]}", _circuit(next(numbers), *ends, bandwidth="10G")


def _branch_circuits(index: int, hub: int, numbers: count[int]) -> Iterator[tuple[str, Data]]:
    place = index - hub * BRANCHES_A_HUB
    yield f"branch{index}", _circuit(next(numbers), f"hub{hub}-core1:eth{20 + place}", f"branch{index}-edge1:eth1")
    if index % 3 == 0:
        second = _circuit(
            next(numbers), f"hub{hub}-core1:eth{60 + place}", f"branch{index}-edge1:eth3", medium="flets-vpn", cost=100
        )
        yield f"branch{index}-2", second


def _peers() -> Data:
    def line(device: str, host: int, preference: int) -> Data:
        return {
            "device": device,
            "ipv4": f"192.168.0.{2 * host}/31",
            "ipv6": f"fd00:ffff:{host:x}::/127",
            "medium": "leased-line",
            "provider": "県",
            "bandwidth": "1G",
            "preference": preference,
        }

    return {
        "lgwan": {
            "kind": "lgwan",
            "title": "LGWAN",
            "asn": 64600,
            "segment": "lgwan",
            "prefixes4": ["198.18.0.0/16"],
            "prefixes6": ["fd00:20::/32"],
            "source_nat4": "192.168.1.1",
            "attachments": {"main": line("hall-fw1:eth5", 0, 200), "second": line("dc-fw1:eth5", 1, 100)},
        },
        "security-cloud": {
            "kind": "security-cloud",
            "title": "セキュリティクラウド",
            "asn": 64700,
            "segment": "internet",
            "prefixes4": ["0.0.0.0/0"],
            "prefixes6": ["::/0"],
            "attachments": {"main": line("hall-fw1:eth6", 2, 200), "second": line("dc-fw1:eth6", 3, 100)},
        },
    }


def _groups(names: tuple[tuple[str, str, str], ...]) -> Data:
    """For every segment its servers and the VLANs of its terminals; the peers."""
    groups: Data = {}
    for name, _, title in names:
        servers = [{"server": f"{site}-{name}-s{number}"} for site in ("hall", "dc") for number in (0, 1)]
        groups[f"{name}-servers"] = {"title": f"{title} サーバ", "members": servers}
        groups[f"{name}-clients"] = {"title": f"{title} 端末", "members": [{"vlan": f"*/{name}-lan"}]}
    groups["asp"] = {"title": "LGWAN-ASP", "members": [{"peer": "lgwan"}]}
    groups["everything"] = {"title": "インターネット", "members": [{"peer": "security-cloud"}]}
    return groups


def _flows(names: tuple[tuple[str, str, str], ...]) -> Iterator[tuple[str, Data]]:
    def row(kind: str, source: str, destination: str, *ports: str) -> Data:
        return {
            "kind": kind,
            "title": f"{source}から{destination}",
            "from": source,
            "to": destination,
            "ports": list(ports),
            "reason": "業務",
            "owner": "情報政策課",
            "approver": "CISO",
            "approved_on": dt.date(2026, 4, 1),
            "expires_on": dt.date(2031, 3, 31),
            "document": "情政第1号",
        }

    yield "asp", row("service", "lgwan-clients", "asp", "tcp/443")
    yield "web", row("breakout", "internet-clients", "everything", "tcp/80", "tcp/443", "udp/443", "icmp")
    for name, _, _ in names:
        if name not in {"mynumber", "lgwan"}:
            kind = "service" if name != "internet" else "sanitised"
            more = {"gateway": "hall-lgwan-s0", "sanitised_by": "file"} if kind == "sanitised" else {}
            yield f"to-{name}", row("service", "lgwan-clients", f"{name}-servers", "tcp/443", "icmp")
            yield f"from-{name}", {**row(kind, f"{name}-clients", "lgwan-servers", "tcp/443", "udp/123"), **more}
    yield "link", row("specified", "lgwan-servers", "mynumber-servers", "tcp/8443")
