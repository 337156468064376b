"""Where the lines stand that the parser could not read: what such a line may do, it may do there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from inventory.origin import Origin
from network.state import DeviceState, NftTable, UnknownLine

_ELSEWHERE = {
    *("add", "create", "define", "delete", "destroy", "flush", "include", "insert", "redefine", "rename", "replace"),
    *("reset", "undefine", "chain", "element", "flowtable", "map", "policy", "set", "table", "type"),
}
"""First words of lines that are no rules: commands on other objects, and what makes blocks and base chains."""

Place = tuple[str, str]
"""A table's name and that of a chain or set in it."""


@dataclass(frozen=True, slots=True)
class Unread:
    """Unread lines of the filter's section, by what they stand in.

    `anywhere` stand in no table that was read: they may add to every chain.
    """

    chains: Mapping[Place, tuple[UnknownLine, ...]]
    sets: frozenset[Place]
    anywhere: tuple[UnknownLine, ...]


def placed(state: DeviceState, unknown: Sequence[UnknownLine]) -> Unread:
    """Give each unread line to the chain or set that begins last before it.

    Lines of the routing section and what stands beside the configuration are no filter's.
    """
    chains: dict[Place, tuple[UnknownLine, ...]] = {}
    sets: set[Place] = set()
    anywhere: list[UnknownLine] = []
    starts = sorted(_starts(state.tables))
    routing = _routing_start(state, starts)
    for line in sorted((line for line in unknown if not line.beside), key=lambda item: item.origin):
        if routing is not None and line.origin >= routing and line.origin.file == routing.file:
            continue
        before = [start for start in starts if start[0].file == line.origin.file and start[0].line <= line.origin.line]
        kind, place = before[-1][1:] if before else ("table", ("", ""))
        if line.text.split()[:1] and line.text.split()[0] in _ELSEWHERE:
            kind = "table"
        if kind == "chain":
            chains[place] = (*chains.get(place, ()), line)
        elif kind == "set":
            sets.add(place)
        else:
            anywhere.append(line)
    return Unread(chains, frozenset(sets), tuple(anywhere))


def _starts(tables: Sequence[NftTable]) -> Iterator[tuple[Origin, str, Place]]:
    for table in tables:
        yield table.origin, "table", (table.name, "")
        yield from ((item.origin, "set", (table.name, item.name)) for item in table.sets)
        yield from ((chain.origin, "chain", (table.name, chain.name)) for chain in table.chains)


def _routing_start(state: DeviceState, starts: Sequence[tuple[Origin, str, Place]]) -> Origin | None:
    """The first line known to be the routing section's, if that section comes after the filter's."""
    origins = [
        *(item.origin for item in state.vrfs),
        *(item.origin for item in state.interfaces),
        *(item.origin for item in state.bfd_profiles),
        *(item.origin for item in state.ospf),
        *(item.origin for item in state.bgp),
        *(entry.origin for item in state.prefix_lists for entry in item.entries),
        *(entry.origin for item in state.route_maps for entry in item.entries),
    ]
    lines = sorted(origin for origin in origins if origin.line)
    last = starts[-1][0] if starts else None
    if not lines or (last is not None and lines[0] < last):
        return None
    return lines[0]
