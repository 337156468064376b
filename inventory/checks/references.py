"""Cross references: every name that is used must be defined.

What refers to nothing is reported and taken out of the city, and what refers to that silently with it, so that all
other checks work on a city without dangling names.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from inventory.checks.finding import Path, problem
from inventory.errors import Finding
from inventory.model import City, Element, HostGroup, Site
from inventory.text import Text
from inventory.words import ELEMENTS, did_you_mean, nearest, one_of, same

ANY_SITE = "*"


@dataclass(frozen=True, slots=True)
class Reference:
    """A name used at `path`, to be found among `names`, which stand in `table` (full names: in any site)."""

    path: Path
    name: str
    names: Collection[str]
    table: Path
    owner: Path
    """The element that cannot stay without it."""


def resolve(city: City, broken: frozenset[Path]) -> tuple[City, frozenset[Path], tuple[Finding, ...]]:
    """The city without dangling references, everything broken by now, and the findings."""
    findings: list[Finding] = []
    while True:
        dangling = [reference for reference in references(city) if reference.name not in reference.names]
        if not dangling:
            return city, broken, tuple(findings)
        findings.extend(_finding(reference) for reference in dangling if not _excused(reference, broken))
        owners = {reference.owner for reference in dangling}
        broken |= owners
        city = _without(city, owners)


def _excused(reference: Reference, broken: frozenset[Path]) -> bool:
    """Whether the name is defined but was taken out: then its own finding is enough."""
    return any(
        reference.table[: len(path)] == path
        or path == (*reference.table, reference.name)
        or (reference.table == ("sites",) and path[:1] == ("sites",) and _names(path, reference.name))
        for path in broken
    )


def _names(path: Path, name: str) -> bool:
    """Whether a full name (`hall-core1`, `hall/lg-office`, `*/lg-office`) lies in a broken part of a site."""
    site, inner = path[1], path[3:]
    if inner:
        return name in {f"{site}-{inner[0]}", f"{site}/{inner[0]}", f"{ANY_SITE}/{inner[0]}"}
    return name.startswith((f"{site}-", f"{site}/", f"{ANY_SITE}/"))


def _finding(reference: Reference) -> Finding:
    kind = _noun(reference)
    missing = same(f"`{reference.name}`")
    return problem(
        "reference-unknown",
        reference.path,
        Text(f"there is no {kind.en} `{reference.name}`", f"{kind.ja} `{reference.name}` はありません"),
        expected=one_of(reference.names),
        found=missing,
        hint=did_you_mean(nearest(reference.name, reference.names)),
    )


def _noun(reference: Reference) -> Text:
    if reference.table != ("sites",):
        return ELEMENTS[reference.table[-1]]
    key = next(part for part in reversed(reference.path) if not part.isdecimal())
    return ELEMENTS[
        {"gateway": "servers", "server": "servers", "hosts": "servers", "vlan": "vlans"}.get(key, "devices")
    ]


def references(city: City) -> Iterator[Reference]:
    """Every use of a name."""
    devices = dict.fromkeys(f"{s}-{key}" for s, site in city.sites.items() for key in site.devices)
    servers = dict.fromkeys(f"{s}-{key}" for s, site in city.sites.items() for key in site.servers)
    vlans = dict.fromkeys(f"{s}/{key}" for s, site in city.sites.items() for key in site.vlans)
    vlans |= dict.fromkeys(f"{ANY_SITE}/{key}" for site in city.sites.values() for key in site.vlans)
    for key, site in city.sites.items():
        yield from _of_site(city, ("sites", key), site)
    for key, circuit in city.circuits.items():
        owner: Path = ("circuits", key)
        for end, port in (("a", circuit.a), ("b", circuit.b)):
            yield Reference((*owner, end), port.device, devices, ("sites",), owner)
        yield from _each(owner, "risks", circuit.risks, city.risk_groups, ("risk_groups",))
        yield from _each(owner, "segments", circuit.segments or (), city.segments, ("segments",))
    for key, peer in city.peers.items():
        owner = ("peers", key)
        yield Reference((*owner, "segment"), peer.segment, city.segments, ("segments",), owner)
        if peer.behind is not None:
            yield Reference((*owner, "behind"), peer.behind, city.peers, ("peers",), owner)
        for name, attachment in peer.attachments.items():
            line = (*owner, "attachments", name)
            yield Reference((*line, "device"), attachment.device.device, devices, ("sites",), line)
            yield from _each(line, "risks", attachment.risks, city.risk_groups, ("risk_groups",))
    for key, group in city.groups.items():
        yield from _of_group(city, ("groups", key), group, servers, vlans)
    for key, flow in city.flows.items():
        owner = ("flows", key)
        yield Reference((*owner, "from"), flow.source, city.groups, ("groups",), owner)
        yield Reference((*owner, "to"), flow.destination, city.groups, ("groups",), owner)
        if flow.gateway is not None:
            yield Reference((*owner, "gateway"), flow.gateway, servers, ("sites",), owner)
    yield from _of_workloads(city, servers)


def _of_site(city: City, top: Path, site: Site) -> Iterator[Reference]:
    devices, vlans, rooms = (*top, "devices"), (*top, "vlans"), (*top, "rooms")
    for key, device in site.devices.items():
        if device.room is not None:
            yield Reference((*devices, key, "room"), device.room, site.rooms, rooms, (*devices, key))
    for key, link in site.links.items():
        owner = (*top, "links", key)
        for end, port in (("a", link.a), ("b", link.b)):
            yield Reference((*owner, end), port.device, site.devices, devices, owner)
        yield from _each(owner, "segments", link.segments or (), city.segments, ("segments",))
    for key, vlan in site.vlans.items():
        owner = (*vlans, key)
        yield Reference((*owner, "segment"), vlan.segment, city.segments, ("segments",), owner)
        yield Reference((*owner, "gateway"), vlan.gateway, site.devices, devices, owner)
        yield from _each(owner, "access", vlan.access, site.devices, devices)
    for key, server in site.servers.items():
        owner = (*top, "servers", key)
        yield Reference((*owner, "vlan"), server.vlan, site.vlans, vlans, owner)
        yield Reference((*owner, "switch"), server.switch, site.devices, devices, owner)
        if server.room is not None:
            yield Reference((*owner, "room"), server.room, site.rooms, rooms, owner)
    for key, terminals in site.terminals.items():
        owner = (*top, "terminals", key)
        classes: Path = ("terminal_classes",)
        yield Reference((*owner, "class"), terminals.class_, city.terminal_classes, classes, owner)
        yield from _each(owner, "vlan", terminals.vlans, site.vlans, vlans)
        yield Reference((*owner, "switch"), terminals.switch, site.devices, devices, owner)


def _of_workloads(city: City, servers: Collection[str]) -> Iterator[Reference]:
    for key, workload in city.workloads.items():
        owner: Path = ("workloads", key)
        yield Reference((*owner, "segment"), workload.segment, city.segments, ("segments",), owner)
        yield from _each(owner, "hosts", workload.hosts, servers, ("sites",))
        yield from _each(owner, "clients", workload.clients, city.groups, ("groups",))
        yield from _each(owner, "needs", workload.needs, city.workloads, ("workloads",))
        if workload.peer is not None:
            yield Reference((*owner, "peer"), workload.peer, city.peers, ("peers",), owner)


def _of_group(
    city: City, owner: Path, group: HostGroup, servers: Collection[str], vlans: Collection[str]
) -> Iterator[Reference]:
    for index, member in enumerate(group.members):
        path = (*owner, "members", str(index))
        if member.segment is not None:
            yield Reference((*path, "segment"), member.segment, city.segments, ("segments",), owner)
        if member.vlan is not None:
            yield Reference((*path, "vlan"), member.vlan, vlans, ("sites",), owner)
        if member.server is not None:
            yield Reference((*path, "server"), member.server, servers, ("sites",), owner)
        if member.terminals is not None:
            yield Reference((*path, "terminals"), member.terminals, city.terminal_classes, ("terminal_classes",), owner)
        if member.peer is not None:
            yield Reference((*path, "peer"), member.peer, city.peers, ("peers",), owner)


def _each(owner: Path, key: str, used: Collection[str], names: Collection[str], table: Path) -> Iterator[Reference]:
    for index, name in enumerate(used):
        yield Reference((*owner, key, str(index)), name, names, table, owner)


def _without(city: City, owners: set[Path]) -> City:
    """The city without these elements; they stand in a table of the city, of a site or of a peer."""
    tables: dict[str, dict[str, Element]] = {path[0]: dict(getattr(city, path[0])) for path in owners}
    for path in owners:
        if len(path) == 2:  # noqa: PLR2004 table, name
            tables[path[0]].pop(path[1], None)
    for path in owners:
        holder = tables[path[0]].get(path[1]) if len(path) > 2 else None  # noqa: PLR2004 table, name, table, name
        if holder is not None:
            inner = {key: element for key, element in getattr(holder, path[2]).items() if key != path[3]}
            tables[path[0]][path[1]] = holder.model_copy(update={path[2]: inner})
    return city.model_copy(update=tables)
