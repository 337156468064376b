"""The way of a registered packet as a list of hops that a person can follow."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.origin import Origin
from inventory.text import Text
from network.fabric import Wire
from network.prove.findings import Hop
from network.prove.paths.asked import Demand
from network.prove.paths.down import NOTHING_DOWN, Down
from network.prove.paths.legs import Option
from network.prove.paths.passages import Way, Ways
from network.prove.paths.places import Place, origin_of
from network.prove.paths.reach import Node

_HERE = Text(" (lost)", "(ここが失われる)")
_THERE = Text("it has arrived", "到着")


class Itinerary:
    """Tells ways in one family; what is `down` is marked."""

    def __init__(self, ways: Ways, down: Down = NOTHING_DOWN) -> None:
        self._ways, self._down = ways, down
        self._fabric = ways.subject.fabric

    def hops(self, demand: Demand, way: Way) -> tuple[Hop, ...]:
        """The way of the first packet: to the firewall, through it, and on."""
        return tuple(self._hops(demand, way))

    def sending(self, place: Place, option: Option | None) -> Iterator[Hop]:
        """From a place to its firewall; only to its gateway when no option is given."""
        yield from self._out_of(place)
        if option is not None:
            for node, wire in option.path:
                yield self._routed(node, wire or option.attachment.wire)

    def _hops(self, demand: Demand, way: Way) -> Iterator[Hop]:
        sent, delivered = way.sent.chosen(), way.delivered.chosen()
        yield from self.sending(demand.source, sent)
        if sent is None or delivered is None:
            return
        yield self._through(demand, sent, delivered)
        nodes = [node for node, _ in delivered.path]
        wires = ["", *(wire for _, wire in delivered.path[:-1])]
        for node, wire in zip(reversed(nodes), reversed(wires if nodes else []), strict=True):
            yield self._routed(node, wire)
        yield from self._into(demand.destination, delivered)

    def _out_of(self, place: Place) -> Iterator[Hop]:
        if place.lan is None:
            peer = place.name.removeprefix("peer:")
            yield Hop(place.name, "peer", _sends(peer), (origin_of(self._fabric, place),))
            return
        for host in place.hosts[:1]:
            why = Text("to its gateway", "ゲートウェイへ送る")
            yield Hop(host.name, f"vlan {place.lan.tag}", why, (host.origin,))
            for switch, vlan, wire in self._ways.switched.way(host).steps:
                yield self._switched(switch, vlan, wire)

    def _into(self, place: Place, option: Option) -> Iterator[Hop]:
        if place.lan is None:
            yield Hop(place.name, f"line {option.attachment.wire}", _THERE, (origin_of(self._fabric, place),))
            return
        for host in place.hosts[:1]:
            for switch, vlan, wire in reversed(self._ways.switched.way(host).steps):
                yield self._switched(switch, vlan, wire)
            yield Hop(host.name, f"vlan {place.lan.tag}", _THERE, (host.origin,))

    def _switched(self, switch: str, vlan: int, wire: str) -> Hop:
        why = Text("carries the VLAN", "VLAN を通す")
        return Hop(switch, f"vlan {vlan}", self._marked(why, switch, wire), self._origins(switch, None, wire))

    def _routed(self, node: Node, wire: str) -> Hop:
        device, vrf = node
        why = self._over(wire) if wire else Text("to the subnet behind it", "配下のサブネットへ送る")
        return Hop(device, f"vrf {vrf}", self._marked(why, device, wire), self._origins(device, vrf, wire))

    def _through(self, demand: Demand, sent: Option, delivered: Option) -> Hop:
        firewall = sent.attachment.firewall
        packet = self._ways.asked.packet(demand)
        iif, oif = sent.attachment.firewall_interface, delivered.attachment.firewall_interface
        gate = self._ways.gate(firewall).filter
        hits = gate.explain(packet, "forward", iif, oif).hits if packet is not None else ()
        origins = tuple(hit.origin for hit in hits if hit.origin.file)
        row = demand.live.row
        why = Text(
            f"row {row} of the register, from {iif} to {oif}", f"通信登録簿の行 {row} により {iif} から {oif} へ"
        )
        return Hop(firewall, "forward", self._marked(why, firewall, delivered.attachment.wire), origins)

    def _over(self, wire: str) -> Text:
        row = self._fabric.wires[wire]
        if row.circuit is not None:
            return Text(f"over circuit {wire}", f"回線 {wire} を通る")
        return Text(f"over link {wire}", f"構内配線 {wire} を通る")

    def _marked(self, why: Text, device: str, wire: str) -> Text:
        if device not in self._down.devices and wire not in self._down.wires:
            return why
        return Text(why.en + _HERE.en, why.ja + _HERE.ja)

    def _origins(self, device: str, vrf: str | None, wire: str) -> tuple[Origin, ...]:
        """The lines of the wire in the inventory, and of its interfaces in the device's configuration."""
        if not wire:
            return (self._fabric.devices[device].origin,)
        row = self._fabric.wires[wire]
        return (row.origin, *self._interfaces(device, vrf, row))

    def _interfaces(self, device: str, vrf: str | None, wire: Wire) -> Iterator[Origin]:
        port = (wire.a if wire.a.device == device else wire.b).port
        if vrf is None:
            found = self._ways.switched.port(device, port)
            rows = [found.origin] if found else []
        else:
            up = self._ways.adjacency.speakers[device].up(port)
            rows = [interface.origin for interface in up.values() if interface.vrf == vrf]
        yield from (origin for origin in rows if origin.file and origin != wire.origin)


def _sends(peer: str) -> Text:
    return Text(f"peer {peer} sends to us", f"外部接続先 {peer} から送られる")
