"""What the filters of the firewalls permit, rule by rule, in terms of zones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from inventory.origin import Origin
from network.fabric import Fabric
from network.state import DeviceState, Network, NftChain, NftRule, NftTable

ANSWERS = frozenset({"established", "related"})
EVERYWHERE = None
"""Any address."""
Sets = Mapping[str, tuple[str, ...] | tuple[Network, ...] | tuple[int, ...]]
"""A table's named sets, as rules call them: "@name" → elements."""


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


def permits_of(fabric: Fabric, states: Mapping[str, DeviceState]) -> Iterator[Permit]:
    """Every permission of every firewall that was read; answers to known connections need none of their own."""
    for name, state in states.items():
        zones = zones_of(fabric, name) if state.tables else {}
        for table in state.tables:
            sets: Sets = {f"@{item.name}": item.elements for item in table.sets}
            for chain in forward_chains(table):
                yield from _of_chain(name, zones, sets, chain)


def zones_of(fabric: Fabric, device: str) -> dict[str, str]:
    """A firewall's interfaces → the zone behind each, by the cables."""
    zones = {own.interface: transit.segment for transit, own, _ in fabric.transits_of.get(device, ())}
    lines = (line for line in fabric.peer_lines.values() if line.device == device)
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


def _of_chain(device: str, zones: dict[str, str], sets: Sets, chain: NftChain) -> Iterator[Permit]:
    every = frozenset(zones.values())
    for rule in chain.rules:
        if rule.verdict != "accept" or (rule.ct_states and ANSWERS.issuperset(rule.ct_states)):
            continue
        sources, destinations = (
            frozenset(zones[name] for name in _names(sets, field) if name in zones) if field else every
            for field in (rule.iif, rule.oif)
        )
        src = EVERYWHERE if rule.negate_src else addresses(sets, rule.src)
        yield Permit(device, sources, destinations, src, addresses(sets, rule.dst), rule, rule.origin)
    if chain.hook == "forward" and chain.policy == "accept":
        yield Permit(device, every, every, EVERYWHERE, EVERYWHERE, NftRule("accept"), chain.origin)


def _names(sets: Sets, field: tuple[str, ...] | str) -> tuple[str, ...]:
    return tuple(map(str, sets.get(field, ()))) if isinstance(field, str) else field


def addresses(sets: Sets, field: tuple[Network, ...] | str) -> tuple[Network, ...] | None:
    """The prefixes of a rule's field; None where it does not narrow anything."""
    if not field:
        return EVERYWHERE
    found = sets.get(field, ()) if isinstance(field, str) else field
    return tuple(prefix for prefix in found if not isinstance(prefix, str | int))
