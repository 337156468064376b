"""What the filters of the firewalls permit, rule by rule, in terms of zones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from inventory.model import Platform
from inventory.origin import Origin
from inventory.text import Text
from network.controls.control import Evidence, waiting
from network.controls.facts import Facts
from network.state import DeviceState, Network, NftChain, NftRule, NftTable

ANSWERS = frozenset({"established", "related"})
EVERYWHERE = None
"""Any address."""


@dataclass(frozen=True, slots=True)
class Permit:
    """An accepting rule of a forward chain: zones it leads from and to, addresses (None: any), and the rule."""

    device: str
    sources: frozenset[str]
    destinations: frozenset[str]
    src: tuple[Network, ...] | None
    dst: tuple[Network, ...] | None
    rule: NftRule
    origin: Origin

    def joins(self, one: frozenset[str], other: frozenset[str]) -> bool:
        """Whether it leads from a zone of one set to a different zone of the other."""
        sources, destinations = self.sources & one, self.destinations & other
        return bool(sources and destinations and (len(sources | destinations) > 1))


def permits(facts: Facts) -> Iterator[Permit]:
    """Every permission of every firewall that was read; answers to known connections need none of their own."""
    for name, state in facts.states.items():
        zones = zones_of(facts, name)
        for table in state.tables:
            for chain in forward_chains(table):
                yield from _of_chain(name, zones, table, chain)


def across(facts: Facts, inside: frozenset[str]) -> Iterator[Permit]:
    """The permissions between some segments and anything else, in either direction."""
    others = frozenset([*facts.city.segments, *(f"peer:{name}" for name in facts.city.peers)]) - inside
    return (item for item in permits(facts) if item.joins(inside, others) or item.joins(others, inside))


def unread(facts: Facts, platform: Platform) -> Iterator[Evidence]:
    """What is not known of a platform's devices leaves open whatever reads their states."""
    for name in facts.of_platform(platform):
        lines = facts.unknown.get(name, ())
        if name not in facts.states:
            yield waiting(Text(f"the configuration of {name}", f"{name} の設定"), facts.fabric.devices[name].origin)
        elif lines:
            yield Evidence(
                "open",
                Text(f"{name}: {len(lines)} lines are not understood", f"{name}: 解釈できない行が {len(lines)} 行"),
                lines[0].origin,
            )


def firewalls(facts: Facts) -> Iterator[tuple[str, DeviceState]]:
    """The firewalls that were read."""
    return ((name, state) for name, state in facts.states.items() if state.platform == "nftables")


def zones_of(facts: Facts, device: str) -> dict[str, str]:
    """A firewall's interfaces → the zone behind each, by the cables."""
    zones = {own.interface: transit.segment for transit, own, _ in facts.fabric.transits_of.get(device, ())}
    lines = (line for line in facts.fabric.peer_lines.values() if line.device == device)
    return zones | {line.interface: f"peer:{line.peer}" for line in lines}


def forward_chains(table: NftTable) -> tuple[NftChain, ...]:
    """The base chains of hook forward and all chains that may be called from them."""
    named = {chain.name: chain for chain in table.chains}
    queue = [chain for chain in table.chains if chain.hook == "forward" and chain.kind == "filter"]
    seen = {chain.name: chain for chain in queue}
    while queue:
        for rule in queue.pop().rules:
            called = named.get(rule.target) if rule.verdict in {"jump", "goto"} else None
            if called is not None and called.name not in seen:
                seen[called.name] = called
                queue.append(called)
    return tuple(seen.values())


def _of_chain(device: str, zones: dict[str, str], table: NftTable, chain: NftChain) -> Iterator[Permit]:
    every = frozenset(zones.values())
    for rule in chain.rules:
        if rule.verdict != "accept" or (rule.ct_states and ANSWERS.issuperset(rule.ct_states)):
            continue
        sources = every if not rule.iif else frozenset(zones[name] for name in _names(table, rule.iif) if name in zones)
        destinations = (
            every if not rule.oif else frozenset(zones[name] for name in _names(table, rule.oif) if name in zones)
        )
        src = EVERYWHERE if rule.negate_src else addresses(table, rule.src)
        yield Permit(device, sources, destinations, src, addresses(table, rule.dst), rule, rule.origin)
    if chain.hook == "forward" and chain.policy == "accept":
        yield Permit(device, every, every, EVERYWHERE, EVERYWHERE, NftRule("accept"), chain.origin)


def _names(table: NftTable, field: tuple[str, ...] | str) -> tuple[str, ...]:
    if not isinstance(field, str):
        return field
    return tuple(str(name) for item in table.sets if f"@{item.name}" == field for name in item.elements)


def addresses(table: NftTable, field: tuple[Network, ...] | str) -> tuple[Network, ...] | None:
    """The prefixes of a rule's field; None where it does not narrow anything."""
    if not field:
        return EVERYWHERE
    if not isinstance(field, str):
        return field
    return tuple(
        prefix
        for item in table.sets
        if f"@{item.name}" == field
        for prefix in item.elements
        if not isinstance(prefix, str)
    )
