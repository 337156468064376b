"""What reaches a firewall's own addresses: only what it needs itself.

Needed are, from anywhere, neighbour discovery, and BGP and BFD from the addresses of its registered neighbours; from
the management network besides SSH, ping, and SNMP where the city has it. What the firewall itself sends is not looked
at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network

from inventory.text import Text
from network.fabric import Fabric
from network.nft_names import ICMP_TYPES
from network.prove.crossing.addresses import plausible, spans_of
from network.prove.crossing.causes import Intended
from network.prove.crossing.crossings import decision_lines, rule_text
from network.prove.crossing.firewall import Firewall, Group
from network.prove.crossing.plant import MANAGEMENT_PORT, Plant
from network.prove.filtering.filters import Connection, Decision
from network.prove.filtering.nft_table import Doubt
from network.prove.findings import Finding, Hop
from network.prove.register import Register
from network.prove.sets.fields import ICMP
from network.prove.sets.packets import Packet, Packets, Span, packets, union
from network.state import Network

_BGP, _BFD, _SNMP = (179, 179), (3784, 3784), (161, 161)
_DISCOVERY = ("nd-neighbor-solicit", "nd-neighbor-advert")
_ECHO_REQUEST = ICMP_TYPES[4]["echo-request"]
_REACHES = Text(
    "Packets from {source} reach {device} itself, beyond what it needs: {rule}.",
    "{source} から {device} 自身のアドレスへ、必要のない通信が届きます。原因: {rule}。",
)


@dataclass(frozen=True)
class OwnAddresses:
    """Looks at what reaches each firewall itself."""

    plant: Plant
    register: Register
    intended: Intended
    doubts: list[tuple[str, Doubt]]
    """Noted are what the answers depend on and is in doubt."""

    def findings(self, firewall: Firewall, groups: Iterable[Group]) -> Iterator[Finding]:
        """A finding for each zone, or interface without one, from which more reaches a firewall than it needs."""
        fabric = self.plant.ground.fabric
        everywhere = _needed(fabric, firewall.name)
        management = everywhere | _administration(fabric)
        told: set[str] = set()
        for group in groups:
            needed = management if group.door.name == MANAGEMENT_PORT else everywhere
            zones = self.plant.areas.zones_at(group.door.place)
            source = zones[0] if zones else f"port {group.door.name}"
            for found in firewall.into(group):
                extra = found.certain - needed
                if found.doubts and not found.seen <= needed:
                    self.doubts.extend((firewall.name, doubt) for doubt in found.doubts)
                if extra and source not in told:
                    told.add(source)
                    spans = spans_of(fabric, self.register, zones[0]) if zones else ()
                    yield self._finding(
                        firewall, group, source, found.connection, plausible(extra, spans, (_own(group),))
                    )

    def _finding(
        self, firewall: Firewall, group: Group, source: str, connection: Connection, packet: Packet | None
    ) -> Finding:
        decision = firewall.explain(packet, group, None, connection) if packet else Decision("accept", ())
        rule = rule_text(decision)
        lines = decision_lines(firewall, decision, self.intended, self.plant)
        hops = (
            Hop(source, group.door.name, Text("sends", "送信元")),
            Hop(firewall.name, f"input {group.door.name}", rule, lines[:1]),
        )
        what = _REACHES.format(source=source, device=firewall.name, rule=rule)
        return Finding("crossing", f"{source} > device {firewall.name}", what, packet, hops, lines)


def _own(group: Group) -> tuple[Span, ...]:
    return tuple((a.ip, a.ip) for door in group.doors if door.element for a in door.element.addresses)


def _needed(fabric: Fabric, name: str) -> Packets:
    ends: list[Network] = []
    for _, _, far in fabric.transits_of[name]:
        ends += [IPv4Network(far.ipv4.ip), IPv6Network(far.ipv6.ip)]
    for line in fabric.peer_lines.values():
        if line.device == name:
            ends += [IPv4Network(line.peer_ipv4.ip), IPv6Network(line.peer_ipv6.ip)]
    types = [(ICMP_TYPES[6][word],) * 2 for word in _DISCOVERY]
    return union(
        (
            packets(family=6, protocol=ICMP[6], icmp_types=types),
            packets(source=ends, protocol="tcp", destination_ports=[_BGP]),
            packets(source=ends, protocol="udp", destination_ports=[_BFD]),
        )
    )


def _administration(fabric: Fabric) -> Packets:
    plan = fabric.city.management
    ping = packets(family=4, protocol=ICMP[4], icmp_types=[(_ECHO_REQUEST, _ECHO_REQUEST)])
    polling = [packets(protocol="udp", destination_ports=[_SNMP])] if plan.snmp is not None else []
    return union((packets(protocol="tcp", destination_ports=[(plan.port, plan.port)]), ping, *polling))
