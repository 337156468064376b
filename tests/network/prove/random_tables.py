"""Random filters over the small universe: tables as nft takes them, that its packets do meet."""

from __future__ import annotations

from random import Random
from typing import Any

from small_universe import BASES, HOSTS, PORTS, WHOLE

from network.canonical import canonical
from network.nft_names import ICMP_TYPES
from network.prove.filtering.filters import Connection
from network.prove.sets.packets import Packet
from network.render import render
from network.render.nftables import FRR_SECTION, NFT_SECTION
from network.state import DeviceState, Network, NftChain, NftRule, NftSet, NftTable

IIF, OIF = "a1", "b0"
_DEVICES = (IIF, OIF, "zz9")
_MARKS = (0, 5, 7)
_TYPES = {4: ("echo-request", "echo-reply", "destination-unreachable"), 6: ("echo-request", "destination-unreachable")}


def firewall(random: Random) -> DeviceState:
    """A firewall with one or two tables."""
    tables = (_table(random, "one"), _table(random, "two"))
    return canonical(DeviceState("fw", "nftables", tables=tables[: random.choice((1, 1, 2))]))


def ruleset(state: DeviceState) -> str:
    """The text of a firewall's tables."""
    text = render(state)
    return text[text.index(NFT_SECTION) + len(NFT_SECTION) : text.index(FRR_SECTION)]


def _table(random: Random, name: str) -> NftTable:
    sets = [
        *(NftSet(f"x4{n}", "ipv4", _apart(random, 4)) for n in range(2)),
        *(NftSet(f"x6{n}", "ipv6", _apart(random, 6)) for n in range(2)),
        NftSet("xif", "ifname", tuple(random.sample(_DEVICES, random.randint(0, 3)))),
        NftSet("xmark", "mark", tuple(random.sample(_MARKS, random.randint(0, 2)))),
    ]
    plain: list[NftChain] = []
    for number in range(3):
        targets = [chain.name for chain in plain]
        plain.append(NftChain(f"sub{number}", _rules(random, targets, 3)))
    targets = [chain.name for chain in plain]
    for number in range(random.choice((1, 1, 2))):
        policy: Any = "accept" if random.random() < 0.5 else "drop"
        rules = _rules(random, targets, 8)
        plain.append(NftChain(f"base{number}", rules, "filter", "forward", random.randint(-20, 20), policy))
    return NftTable(name, tuple(sets), tuple(plain))


def _apart(random: Random, version: int) -> tuple[Network, ...]:
    """Prefixes that do not overlap."""
    lengths = range(WHOLE[version].prefixlen, WHOLE[version].max_prefixlen + 1)
    found: list[Any] = []
    for _ in range(random.randint(0, 3)):
        new = type(WHOLE[version])(
            (int(BASES[version]) + random.randrange(HOSTS), random.choice(lengths)), strict=False
        )
        if not any(new.overlaps(old) for old in found):
            found.append(new)
    return tuple(found)


def _rules(random: Random, targets: list[str], most: int) -> tuple[NftRule, ...]:
    return tuple(_rule(random, targets, f"r{number}") for number in range(random.randint(1, most)))


def _rule(random: Random, targets: list[str], name: str) -> NftRule:
    family = random.choice((None, 4, 6))
    fields: dict[str, Any] = {"family": family, "src": (), "dst": ()}
    for side in ("src", "dst"):
        if family and random.random() < 0.5:
            fields[side] = f"@x{family}{random.randint(0, 1)}" if random.random() < 0.5 else _apart(random, family)
    protocol = random.choice(("", "", "tcp", "udp", "icmp"))
    fields["protocol"] = protocol
    if protocol in {"tcp", "udp"}:
        fields |= {side: _ports(random) for side in ("sports", "dports") if random.random() < 0.5}
    if protocol == "icmp" and family and random.random() < 0.6:
        fields["icmp_types"] = tuple(random.sample(_TYPES[family], random.randint(1, 2)))
    for side in ("iif", "oif"):
        if random.random() < 0.25:
            fields[side] = random.choice(("@xif", (IIF,), (OIF, IIF), (OIF, "zz9")))
    if random.random() < 0.25:
        fields["ct_states"] = random.choice((("new",), ("established", "related"), ("new", "invalid"), ("untracked",)))
    verdict: Any = random.choice(("accept", "accept", "drop", "drop", "reject", "return", "jump", "jump", "goto"))
    if verdict in {"jump", "goto"} and not targets:
        verdict = "return"
    if verdict in {"jump", "goto"}:
        fields["target"] = random.choice(targets)
    fields |= _marks(random)
    negate = bool(fields["src"]) and random.random() < 0.3
    counter = random.random() < 0.5
    return NftRule(verdict, negate_src=negate, counter=counter, id=name, **fields)


def _marks(random: Random) -> dict[str, Any]:
    asked = {"ct_marks": random.choice(("@xmark", (0,), (5, 7)))} if random.random() < 0.1 else {}
    return asked | ({"set_mark": random.choice(_MARKS)} if random.random() < 0.2 else {})


def _ports(random: Random) -> tuple[tuple[int, int], ...]:
    pairs = [sorted(random.choices(PORTS, k=2)) for _ in range(random.randint(1, 2))]
    return tuple((low, high) for low, high in pairs)


def not_answering(random: Random, among: list[Packet], number: int) -> list[Packet]:
    """Some packets, none of which conntrack takes for the answer to another."""
    found: dict[tuple[object, ...], Packet] = {}
    for packet in random.sample(among, len(among)):
        start, end = (packet.source, packet.source_port), (packet.destination, packet.destination_port)
        if (packet.protocol, end, start) not in found:
            found[packet.protocol, start, end] = packet
        if len(found) == number:
            break
    return list(found.values())


_UNTRACKED = {number for name, number in ICMP_TYPES[6].items() if name.startswith(("nd-", "mld"))}


def first_seen(packet: Packet) -> Connection:
    """What conntrack says of the first packet that it sees of a connection."""
    version = packet.source.version
    if packet.protocol == {4: 58, 6: 1}[version]:
        return "invalid"
    if packet.icmp_type is None or packet.icmp_type == ICMP_TYPES[version]["echo-request"]:
        return "new"
    return "untracked" if version == 6 and packet.icmp_type in _UNTRACKED else "invalid"
