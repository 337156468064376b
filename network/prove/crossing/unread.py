"""What could not be read: lines and elements about which nothing can be proved, with what they would join if known."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from inventory.origin import Origin
from inventory.text import Text
from network.prove.crossing.plant import Part, Plant
from network.prove.crossing.ways import named, origins_of
from network.prove.filtering.nft_table import Doubt
from network.prove.findings import Finding
from network.prove.subject import Subject
from network.state import StaticRoute, SwitchPort, UnknownLine

Kind = tuple[str, Text]


class _Item(NamedTuple):
    """One thing that could not be read; `whole` is its line, if it says all there is to say."""

    text: Text
    origin: Origin
    whole: str = ""


_OTHER: Kind = ("line", Text("lines that are not understood", "解釈できない行"))
_FILTER: Kind = ("filter", Text("filter rules in doubt", "意味の定まらないフィルタ規則"))
_TUNNEL: Kind = ("tunnel", Text("a tunnel", "トンネル"))
_BRIDGE: Kind = ("bridge", Text("a bridge between ports or VLANs", "ポートや VLAN どうしのブリッジ"))

_POLICY: Kind = ("policy route", Text("a policy route", "ポリシールーティング"))
_LEAK: Kind = ("route leak", Text("routes taken from or given to another VRF", "VRF 間の経路の受け渡し"))
_FORWARDING: Kind = ("forwarding", Text("forwarding switched on or off", "転送の有無の切り替え"))
_ROUTE: Kind = ("route", Text("a route of an unknown form", "形式の分からない経路"))
_PORT: Kind = ("switch port", Text("a switch port of an unknown form", "形式の分からないスイッチポート"))
_NAT: Kind = ("translation", Text("address translation", "アドレス変換"))
_STRANGER: Kind = (
    "interface",
    Text("an interface that the inventory does not have there", "インベントリのその位置にないインターフェース"),
)
_KERNEL_ROUTE: Kind = ("kernel route", Text("a route that no configuration has", "設定にない経路"))
_STEERED: Kind = (
    "traffic control",
    Text("packets that tc or a BPF program may send elsewhere", "tc や BPF プログラムによるパケットの転送・書き換え"),
)
_IPSEC: Kind = ("ipsec", Text("packets that IPsec takes", "IPsec の対象となるパケット"))
_ADDRESS: Kind = ("address", Text("an address that no configuration has", "設定にないアドレス"))

_BESIDE: tuple[tuple[str, Kind], ...] = (
    (r"^(ip|ipv6) rule ", _POLICY),
    (r"^(ip|ipv6) route ", _KERNEL_ROUTE),
    (r"^tc |^ip link \S+ (xdp|tcx)\b|^bpf programs\b", _STEERED),
    (r"^ip xfrm ", _IPSEC),
    (r"^(ip|ipv6) address ", _ADDRESS),
    (r"^\w+tables-legacy table nat\b", _NAT),
    (r"^(nft|\w+tables-legacy|bpf netfilter) ", _FILTER),
    (r"\b(type (bridge|bond|team|veth|netkit)|master)\b", _BRIDGE),
    (r"\btype (\w*(gre|gretap|erspan|tnl|vti|vti6)|ipip|sit|tun|wireguard|l2tp|xfrm|vxlan|geneve|macsec)\b", _TUNNEL),
    ("", _STRANGER),
)
"""What stands in a kernel beside the configuration, likewise."""

_WHOLE = re.compile(
    r"nft table \S+ \S+ sha256 \S+( vrf \S+)?"
    r"|ipv?6? (address|rule|route) (?!.* (and more|by several hops|encapsulated|of type|action)\b).*"
    r"|ip link \S+ type (gre|gretap|ipip|sit) local \S+ remote \S+"
    r"( over \S+)?( [io]key \d+)*( mode any)?( ttl \d+)?( vrf \S+)?"
)
"""Lines of such that say all there is to say, so that an engineer can answer for what they do.

A device ends those with "and more" that do not.
"""
_PIN = 12
"""Digits of a digest that a waiver names."""

_LINES: tuple[tuple[str, Kind], ...] = (
    (r"\b(import-table|import vrf|rt vpn|rd vpn|import vpn|export vpn|route-target)\b", _LEAK),
    (r"\b(pbr-map|pbr-policy|nexthop-group|ip rule|ipv6 rule|table \d+)\b", _POLICY),
    (r"\b(gre|ipip|sit|vti|tun|tap|wg|l2tp|ipsec|vxlan|geneve|erspan)\d*\b|\btunnel\b|\bremote_ip=", _TUNNEL),
    (r"^br|\b(patch|peer=|bridge\b|add-br|ovs-ofctl|bond|team|veth|mirror)", _BRIDGE),
    (r"\bip(v6)? forwarding\b", _FORWARDING),
    (r"\b(ip|ipv6) (route|protocol|nht)\b", _ROUTE),
    (r"\b(add-port|set port|tag=|trunks=|vlan_mode)", _PORT),
    (r"\b(nat|snat|dnat|masquerade|redirect|tproxy)\b", _NAT),
    (r"\b(table|accept|drop|reject|jump|goto|queue|meta|ct|iif|oif|flowtable|flow add|policy|dup|fwd)\b", _FILTER),
)
"""What well-known lines do, by what is found in them; the first that fits counts."""

_UNREAD = Text(
    "{device}: {what}. Nothing is proved about {zones}.",
    "{device}: {what}。{zones} について、分離は証明されていません。",
)
_HINT = Text(
    "Remove what is not intended, or have it checked by an engineer: sanso cannot read it.",
    "不要であれば削除してください。sanso には読めないため、必要なものは技術者が確認してください。",
)
_ACCEPTED = Text(
    "Remove what is not intended. What an engineer has checked a waiver can accept, as exactly what it is now: {name}",
    "不要であれば削除してください。技術者が確認したものは、現在の内容に限り是正猶予の対象にできます: {name}",
)
_BY_HAND = Text("{line}, in the kernel beside the configuration", "{line} (カーネル内にあり、設定には書かれていない)")
_MISSING = Text("no configuration was read", "設定が読み取れていません")
_MOST_SHOWN = 5


def unread(subject: Subject, plant: Plant, doubts: Iterable[tuple[str, Doubt]]) -> Iterator[Finding]:
    """A finding for each device and each kind of thing that could not be read."""
    by_device: dict[str, list[Doubt]] = {}
    for name, doubt in doubts:
        by_device.setdefault(name, []).append(doubt)
    for name in plant.ground.fabric.devices:
        part = plant.parts[name]
        found = _strange(part)
        last: tuple[int, Kind] = (0, _OTHER)
        for line in subject.unknown.get(name, ()):
            kind = _kind(line)
            if kind == _OTHER and line.origin.line == last[0] + 1:
                kind = last[1]  # what stands in a block that is not understood
            last = line.origin.line, kind
            found.setdefault(kind, []).append(_item(line))
        lines = {line.origin for line in subject.unknown.get(name, ())}
        for doubt in dict.fromkeys(by_device.get(name, ())):
            if doubt.origin not in lines:
                found.setdefault(_FILTER, []).append(_Item(doubt.reason, doubt.origin))
        if name not in subject.states:
            found[_OTHER] = [_Item(_MISSING, Origin())]
        for kind, items in found.items():
            yield _finding(name, kind, items, _zones(plant, part))


def _kind(line: UnknownLine) -> Kind:
    patterns = _BESIDE if line.beside else _LINES
    return next((kind for pattern, kind in patterns if re.search(pattern, line.text)), _OTHER)


def _item(line: UnknownLine) -> _Item:
    if not line.beside:
        return _Item(Text(line.text, line.text), line.origin)
    return _Item(_BY_HAND.format(line=line.text), line.origin, line.text if _WHOLE.fullmatch(line.text) else "")


def _strange(part: Part) -> dict[Kind, list[_Item]]:
    """Elements that were read but lead to where the inventory has nothing."""
    found: dict[Kind, list[_Item]] = {}
    for device, element in part.strange:
        name = element.interface if isinstance(element, StaticRoute) else getattr(element, "name", "")
        tunnel = isinstance(element, SwitchPort) and element.tunnel is not None
        kind = _TUNNEL if tunnel else next((kind for pattern, kind in _LINES if re.search(pattern, name)), None)
        for origin in origins_of(element) or (Origin(),):
            found.setdefault(kind or _STRANGER, []).append(_Item(named(device, element), origin))
    return found


def _finding(name: str, kind: Kind, items: Sequence[_Item], zones: Sequence[str]) -> Finding:
    shown = [f"{text.en} ({origin})" if origin.line else text.en for text, origin, _ in items[:_MOST_SHOWN]]
    shown_ja = [f"{text.ja} ({origin})" if origin.line else text.ja for text, origin, _ in items[:_MOST_SHOWN]]
    more = len(items) - _MOST_SHOWN
    tail = (f"; and {more} more", f"、ほか {more} 件") if more > 0 else ("", "")
    what = Text(f"{kind[1].en}: {'; '.join(shown)}{tail[0]}", f"{kind[1].ja}: {'、'.join(shown_ja)}{tail[1]}")
    where = Text(", ".join(zones) or "this device", "、".join(zones) or "この機器")
    finding = Finding(
        "unread",
        f"{name} {kind[0]}",
        _UNREAD.format(device=name, what=what, zones=where),
        origins=tuple(dict.fromkeys(item.origin for item in items if item.origin.line)),
        hint=_HINT,
        pin=_pin(items),
    )
    return replace(finding, hint=_ACCEPTED.format(name=finding.pinned)) if finding.pin else finding


def _pin(items: Iterable[_Item]) -> str:
    lines = [item.whole for item in items]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:_PIN] if all(lines) else ""


def _zones(plant: Plant, part: Part) -> tuple[str, ...]:
    """The zones that a device stands in."""
    places = [*(join.a for join in part.joins), *(door.place for door in part.doors)]
    return tuple(sorted({zone for place in places for zone in plant.areas.zones_at(place)}))
