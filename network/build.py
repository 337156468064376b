"""Build the fabric of a city that passed `inventory.checks`; a dangling reference raises KeyError here."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Interface, IPv4Network, IPv6Interface, IPv6Network
from typing import TypeVar

from inventory.model import Attachment, City, Peer, Site
from inventory.origin import Origin
from inventory.plan import LINKS_PER_SITE, block4, block6, lan4, lan6, management_block
from inventory.values import PortRef
from network.endpoints import resolve_groups
from network.fabric import (
    Fabric,
    FabricDevice,
    Host,
    Lan,
    PeerLine,
    Transit,
    TransitEnd,
    Wire,
)

TRANSIT_TAG_BASE = 2000
FIRST_TERMINAL_MANAGEMENT = 256
SPINE_ROLES = frozenset({"core", "firewall"})

Net = TypeVar("Net", IPv4Network, IPv6Network)


def build_fabric(city: City) -> Fabric:
    """Compute every derived fact of `city`, each once, in time linear in its elements."""
    devices = {
        device.name: device for site_key, site in city.sites.items() for device in _devices(city, site_key, site)
    }
    lans: dict[str, Lan] = {}
    wires: dict[str, Wire] = {}
    for site_key, site in city.sites.items():
        tags: dict[str, set[int]] = {}
        for lan in _lans(city, site_key, site, tags):
            lans[lan.name] = lan
        for wire in _site_wires(site_key, site, devices, tags):
            wires[wire.name] = wire
    for wire in _circuit_wires(city, devices):
        wires[wire.name] = wire
    lines: dict[str, PeerLine] = {}
    for peer_key, peer in city.peers.items():
        for position, (key, attachment) in enumerate(peer.attachments.items(), start=1):
            line = _peer_line(peer_key, peer, key, attachment)
            lines[line.name] = line
            wires[line.name] = Wire(
                name=line.name,
                kind="peer",
                a=attachment.device,
                b=PortRef(peer_node(peer_key), f"eth{position}"),
                tags=(),
                bandwidth=attachment.bandwidth,
                risks=attachment.risks,
                origin=attachment.origin,
            )
    hosts = {host.name: host for site_key, site in city.sites.items() for host in _hosts(city, site_key, site, lans)}
    transits = tuple(_transits(city, wires))
    return Fabric(
        city=city,
        devices=devices,
        lans=lans,
        wires=wires,
        transits=transits,
        hosts=hosts,
        peer_lines=lines,
        endpoints=resolve_groups(city, lans, hosts),
    )


def peer_node(peer: str) -> str:
    """Name of the lab node that plays a peer."""
    return f"peer-{peer}"


def _held(network: Net | None, what: str) -> Net:
    """A prefix the plan must have room for: `inventory.checks` has seen to it."""
    if network is None:
        msg = f"the address plan has no room for {what}"
        raise ValueError(msg)
    return network


def management_interface(city: City, site: Site, number: int) -> IPv4Interface:
    """A management address: host `number` of the site's block, with the prefix length of the whole network."""
    plan = city.management
    block = _held(management_block(plan, site), f"the management addresses of site {site.number}")
    return IPv4Interface((int(block.network_address) + number, plan.ipv4.prefixlen))


def _devices(city: City, site_key: str, site: Site) -> Iterator[FabricDevice]:
    local = {vlan.segment for vlan in site.vlans.values()}
    everywhere = tuple(name for name, segment in city.segments.items() if segment.kind != "management")
    for key, spec in site.devices.items():
        management = management_interface(city, site, spec.number)
        spine = spec.role in SPINE_ROLES
        yield FabricDevice(
            name=f"{site_key}-{key}",
            site=site_key,
            spec=spec,
            management=management,
            router_id=management.ip,
            asn=spec.asn or (city.asn if spec.role == "core" else None),
            segments=everywhere if spine else tuple(name for name in everywhere if name in local),
            origin=spec.origin,
        )


def switched_paths(site: Site, gateway: str) -> dict[str, tuple[str, ...]]:
    """Switch → the links from `gateway` to it, over access switches only (breadth first, shortest path)."""
    neighbours: dict[str, list[tuple[str, str]]] = {}
    for key, link in site.links.items():
        neighbours.setdefault(link.a.device, []).append((key, link.b.device))
        neighbours.setdefault(link.b.device, []).append((key, link.a.device))
    paths: dict[str, tuple[str, ...]] = {gateway: ()}
    queue = deque([gateway])
    while queue:
        here = queue.popleft()
        for key, there in neighbours.get(here, ()):
            if there not in paths and site.devices[there].role == "access":
                paths[there] = (*paths[here], key)
                queue.append(there)
    return paths


def _lans(city: City, site_key: str, site: Site, tags: dict[str, set[int]]) -> Iterator[Lan]:
    """The site's LANs; adds each one's tag to the links it runs over."""
    paths = {gateway: switched_paths(site, gateway) for gateway in {vlan.gateway for vlan in site.vlans.values()}}
    for key, vlan in site.vlans.items():
        links = {link for switch in vlan.access for link in paths[vlan.gateway][switch]}
        for link in links:
            tags.setdefault(link, set()).add(vlan.id)
        ends = {end for link in links for end in (site.links[link].a, site.links[link].b)}
        ports = sorted({end.port for end in ends if end.device == vlan.gateway})
        if len(ports) != 1:
            msg = f"{site_key}/{key}: its switches are reached over {len(ports)} ports of {vlan.gateway}"
            raise ValueError(msg)
        switches = tuple(sorted({f"{site_key}-{end.device}" for end in ends if end.device != vlan.gateway}))
        segment = city.segments[vlan.segment]
        ipv4 = _held(lan4(segment, site, vlan), f"{site_key}/{key} in IPv4")
        ipv6 = _held(lan6(segment, site, vlan), f"{site_key}/{key} in IPv6")
        yield Lan(
            name=f"{site_key}/{key}",
            site=site_key,
            vlan=key,
            segment=vlan.segment,
            tag=vlan.id,
            ipv4=ipv4,
            ipv6=ipv6,
            gateway=f"{site_key}-{vlan.gateway}",
            gateway_interface=f"{ports[0]}.{vlan.id}",
            gateway4=IPv4Interface((int(ipv4.network_address) + 1, ipv4.prefixlen)),
            gateway6=IPv6Interface((int(ipv6.network_address) + 1, ipv6.prefixlen)),
            switches=switches,
            wireless=vlan.medium == "wireless",
            title=vlan.title,
            origin=vlan.origin,
        )


def _carried(devices: dict[str, FabricDevice], a: str, b: str, only: tuple[str, ...] | None) -> tuple[str, ...]:
    other = set(devices[b].segments)
    return tuple(name for name in devices[a].segments if name in other and (only is None or name in only))


def _transit_tags(segments: Iterable[str], numbers: dict[str, int]) -> tuple[int, ...]:
    return tuple(sorted(TRANSIT_TAG_BASE + numbers[name] for name in segments))


def _site_wires(
    site_key: str, site: Site, devices: dict[str, FabricDevice], tags: dict[str, set[int]]
) -> Iterator[Wire]:
    for key, link in site.links.items():
        a, b = (PortRef(f"{site_key}-{end.device}", end.port) for end in (link.a, link.b))
        if "access" in {site.devices[link.a.device].role, site.devices[link.b.device].role}:
            yield Wire(f"{site_key}/{key}", "switched", a, b, tuple(sorted(tags.get(key, ()))), origin=link.origin)
            continue
        if link.number is None:
            msg = f"{site_key}/{key}: a link between routers needs a number"
            raise ValueError(msg)
        yield Wire(
            name=f"{site_key}/{key}",
            kind="routed",
            a=a,
            b=b,
            tags=(),
            segments=_carried(devices, a.device, b.device, link.segments),
            index=site.number * LINKS_PER_SITE + link.number,
            origin=link.origin,
        )


def _circuit_wires(city: City, devices: dict[str, FabricDevice]) -> Iterator[Wire]:
    for key, circuit in city.circuits.items():
        yield Wire(
            name=key,
            kind="routed",
            a=circuit.a,
            b=circuit.b,
            tags=(),
            segments=_carried(devices, circuit.a.device, circuit.b.device, circuit.segments),
            circuit=key,
            index=-1 - circuit.number,
            cost=circuit.cost,
            bandwidth=circuit.bandwidth,
            risks=circuit.risks,
            origin=circuit.origin,
        )


def _transits(city: City, wires: dict[str, Wire]) -> Iterator[Transit]:
    """Every routed wire in every segment it carries; fills in the wires' transit tags."""
    numbers = {name: segment.number for name, segment in city.segments.items()}
    for name, wire in wires.items():
        if wire.kind != "routed" or wire.index is None:
            continue
        wires[name] = _with_tags(wire, _transit_tags(wire.segments, numbers))
        for segment_name in wire.segments:
            segment = city.segments[segment_name]
            low4, high4 = _pair4(segment.ipv4.transit, wire.index)
            low6, high6 = _pair6(segment.ipv6.transit, wire.index)
            tag = TRANSIT_TAG_BASE + segment.number
            yield Transit(
                wire=name,
                segment=segment_name,
                a=TransitEnd(wire.a.device, f"{wire.a.port}.{tag}", low4, low6),
                b=TransitEnd(wire.b.device, f"{wire.b.port}.{tag}", high4, high6),
                cost=wire.cost,
                origin=wire.origin,
            )


def _with_tags(wire: Wire, tags: tuple[int, ...]) -> Wire:
    return Wire(
        wire.name, wire.kind, wire.a, wire.b, tags, wire.segments, wire.circuit, wire.index, wire.cost,
        wire.bandwidth, wire.risks, wire.origin,
    )  # fmt: skip


def _pair4(transit: IPv4Network, index: int) -> tuple[IPv4Interface, IPv4Interface]:
    """The two addresses of a /31; a negative index counts back from the end."""
    size = 1 << (31 - transit.prefixlen)
    low = int(_held(block4(transit, 31, index if index >= 0 else size + index), f"transit {index}").network_address)
    return IPv4Interface((low, 31)), IPv4Interface((low + 1, 31))


def _pair6(transit: IPv6Network, index: int) -> tuple[IPv6Interface, IPv6Interface]:
    """The two addresses of a /127; a negative index counts back from the end."""
    size = 1 << (127 - transit.prefixlen)
    low = int(_held(block6(transit, 127, index if index >= 0 else size + index), f"transit {index}").network_address)
    return IPv6Interface((low, 127)), IPv6Interface((low + 1, 127))


def _other_address(ours: IPv4Interface | IPv6Interface) -> int:
    """The peer's address on a line: the other one of a /31 or /127, else the first host that is not ours."""
    base, own = int(ours.network.network_address), int(ours.ip)
    if ours.network.prefixlen == ours.max_prefixlen - 1:
        return base + 1 if own == base else base
    return base + 2 if own == base + 1 else base + 1


def _peer_line(peer_key: str, peer: Peer, key: str, attachment: Attachment) -> PeerLine:
    return PeerLine(
        name=f"{peer_key}/{key}",
        peer=peer_key,
        device=attachment.device.device,
        interface=attachment.device.port,
        ipv4=attachment.ipv4,
        ipv6=attachment.ipv6,
        peer_ipv4=IPv4Interface((_other_address(attachment.ipv4), attachment.ipv4.network.prefixlen)),
        peer_ipv6=IPv6Interface((_other_address(attachment.ipv6), attachment.ipv6.network.prefixlen)),
        peer_asn=peer.asn,
        preference=attachment.preference,
        origin=attachment.origin,
    )


def _hosts(city: City, site_key: str, site: Site, lans: dict[str, Lan]) -> Iterator[Host]:
    for key, server in site.servers.items():
        lan = lans[f"{site_key}/{server.vlan}"]
        management = management_interface(city, site, server.management)
        yield _host(
            f"{site_key}-{key}", lan, server.number, management, f"{site_key}-{server.switch}", server.port,
            title=server.title, origin=server.origin,
        )  # fmt: skip
    for position, (key, group) in enumerate(site.terminals.items()):
        lan = lans[f"{site_key}/{group.vlans[0]}"]
        management = management_interface(city, site, FIRST_TERMINAL_MANAGEMENT + position)
        yield _host(
            f"{site_key}-{key}", lan, group.number, management, f"{site_key}-{group.switch}", group.ports.names[0],
            terminal_class=group.class_, title=city.terminal_classes[group.class_].title, origin=group.origin,
        )  # fmt: skip


def _host(  # noqa: PLR0913, PLR0917 one a field of Host
    name: str,
    lan: Lan,
    number: int,
    management: IPv4Interface,
    switch: str,
    port: str,
    *,
    title: str,
    origin: Origin,
    terminal_class: str | None = None,
) -> Host:
    return Host(
        name=name,
        site=lan.site,
        segment=lan.segment,
        lan=lan.name,
        kind="terminal" if terminal_class else "server",
        ipv4=IPv4Interface((int(lan.ipv4.network_address) + number, lan.ipv4.prefixlen)),
        ipv6=IPv6Interface((int(lan.ipv6.network_address) + number, lan.ipv6.prefixlen)),
        gateway4=lan.gateway4.ip,
        gateway6=lan.gateway6.ip,
        switch=switch,
        port=port,
        management=management,
        terminal_class=terminal_class,
        title=title,
        origin=origin,
    )
