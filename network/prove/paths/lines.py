"""The lines, of a device's configuration and of the inventory, that say what an element of it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from inventory.origin import Origin
from network.prove.paths.adjacency import Session
from network.prove.paths.offers import Attachment
from network.prove.subject import Subject
from network.state import BgpNeighbor, DeviceState


def interface_lines(subject: Subject, device: str, name: str) -> tuple[Origin, ...]:
    """Where an interface is configured (its port too, when that is shut down), and where the inventory wants it."""
    found: list[Origin] = []
    port = name.partition(".")[0]
    for states in (subject.states, subject.intended):
        state = states.get(device)
        rows = state.interfaces if state else ()
        found += [row.origin for row in rows if row.name == name or (row.shutdown and row.name == port)]
    return _told(found)


def neighbor_lines(subject: Subject, over: Attachment) -> tuple[Origin, ...]:
    """Where a session's two ends are configured, what they announce and take, and where the inventory wants it."""
    found: list[Origin] = []
    for states in (subject.states, subject.intended):
        found += _of_neighbor(states, over.firewall, over.by_firewall)
        found += interface_lines(subject, over.firewall, over.firewall_interface)
        if isinstance(over, Session):
            found += _of_neighbor(states, over.core[0], over.by_core)
            found += interface_lines(subject, over.core[0], over.core_interface)
    return _told(found)


def _of_neighbor(states: Mapping[str, DeviceState], device: str, neighbor: BgpNeighbor) -> Iterator[Origin]:
    state = states.get(device)
    if state is None:
        return
    for process in state.bgp:
        for row in process.neighbors:
            if row.address == neighbor.address:
                yield row.origin
    for item in state.prefix_lists:
        if item.name in {neighbor.prefixes_in, neighbor.prefixes_out} and item.family == neighbor.address.version:
            yield from (entry.origin for entry in item.entries)


def _told(origins: list[Origin]) -> tuple[Origin, ...]:
    """Each once, without what is written nowhere."""
    return tuple(dict.fromkeys(origin for origin in origins if origin.file))
