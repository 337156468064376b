"""Names (unbound): a segment's own names to that segment only; others' only where the city names resolvers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from deploy.servers.services.part import Part, Seat, check_script, segment_prefixes
from deploy.servers.text import ManagedFile
from network.documents.addresses import holders

CONFIGURATION = "/etc/unbound/unbound.conf"
CHECKERS = {CONFIGURATION: "unbound-checkconf {file}"}


def part(seat: Seat) -> Part:
    """What the server needs to give names to its segment."""
    return Part(
        packages=("bind9-dnsutils", "unbound"),
        daemons=("unbound",),
        files=(
            ManagedFile(CONFIGURATION, "\n".join(_lines(seat)) + "\n", daemon="unbound"),
            check_script("dns", _check(seat)),
        ),
    )


def _lines(seat: Seat) -> Iterator[str]:
    city, host = seat.fabric.city, seat.host
    segment = city.segments[host.segment]
    yield "server:"
    yield f"  interface: {host.ipv4.ip}"
    yield f"  interface: {host.ipv6.ip}"
    yield "  access-control: 0.0.0.0/0 refuse"
    yield "  access-control: ::/0 refuse"
    yield from (f"  access-control: {prefix} allow" for prefix in segment_prefixes(seat))
    yield '  chroot: ""'
    yield '  module-config: "iterator"'
    yield "  hide-identity: yes"
    yield "  hide-version: yes"
    # Private addresses are answered from the local data below, and from nowhere else.
    yield "  unblock-lan-zones: no"
    if not segment.resolvers:
        yield '  local-zone: "." refuse'
    yield f'  local-zone: "{city.domain}." static'
    for name, address in _names(seat):
        kind = "AAAA" if ":" in address else "A"
        yield f'  local-data: "{name}. {kind} {address}"'
        yield f'  local-data-ptr: "{address} {name}."'
    yield "remote-control:"
    yield "  control-enable: no"
    if segment.resolvers:
        yield "forward-zone:"
        yield '  name: "."'
        yield from (f"  forward-addr: {address}" for address in segment.resolvers)


def _names(seat: Seat) -> Iterator[tuple[str, str]]:
    """The names of the segment in the address book, IPv4 and IPv6 of each."""
    fabric, segment = seat.fabric, seat.host.segment
    own = replace(
        fabric,
        lans={name: lan for name, lan in fabric.lans.items() if lan.segment == segment},
        transits=tuple(transit for transit in fabric.transits if transit.segment == segment),
        hosts={name: host for name, host in fabric.hosts.items() if host.segment == segment},
        peer_lines={},
    )
    for holder in holders(own):
        # Management addresses stand in no segment.
        for address in (holder.ipv4, holder.ipv6) if holder.segment and holder.host else ():
            if address:
                yield f"{holder.host}.{fabric.city.domain}", address


def _check(seat: Seat) -> str:
    """It answers for its own name, over both families."""
    host, name = seat.host, f"{seat.host.name}.{seat.fabric.city.domain}."
    asks = (
        f'[ "$(dig +short +time=2 +tries=1 @{server.ip} {name} {kind})" = {address.ip} ]'
        for server, kind, address in ((host.ipv4, "A", host.ipv4), (host.ipv6, "AAAA", host.ipv6))
    )
    return " &&\n".join(asks) + "\n"
