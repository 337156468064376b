"""Descriptions and names that appear in configurations: plain ASCII, naming the far end and the wire."""

from __future__ import annotations

from network.fabric import Fabric, FabricDevice, Lan, Wire
from network.state import BfdProfile

NEAR = BfdProfile("near", receive_ms=300, transmit_ms=300, multiplier=3)
"""Between cores and firewalls: a loss is seen within 0.9 s."""
FAR = BfdProfile("far", receive_ms=1000, transmit_ms=1000, multiplier=3)
"""On circuits to sites and peers, whose delay varies: within 3 s."""

_UNITS = ((10**12, "T"), (10**9, "G"), (10**6, "M"), (10**3, "k"))


def bandwidth(bits: int) -> str:
    """A bandwidth as the inventory writes it: 10G, 100M."""
    for size, unit in _UNITS:
        if bits >= size:
            return f"{bits / size:g}{unit}"
    return str(bits)


def far_end(wire: Wire, device: str) -> str:
    """The other end of a device's wire, such as `dc-core1:eth10`."""
    end = wire.b if wire.a.device == device else wire.a
    return str(end)


def port_description(fabric: Fabric, wire: Wire, device: str) -> str:
    """A physical port: far end, wire, and for a circuit its medium and bandwidth."""
    circuit = fabric.city.circuits[wire.circuit] if wire.circuit else None
    line = f"circuit {wire.name} {circuit.medium} {bandwidth(circuit.bandwidth)}" if circuit else f"wire {wire.name}"
    return f"to {far_end(wire, device)} {line}"


def peer_description(fabric: Fabric, wire: Wire) -> str:
    """A line to a peer."""
    peer, _, attachment = wire.name.partition("/")
    spec = fabric.city.peers[peer].attachments[attachment]
    return f"to peer {peer} line {attachment} {spec.medium} {bandwidth(spec.bandwidth)}"


def transit_description(segment: str, far: str, wire: str) -> str:
    """A routed sub-interface."""
    return f"{segment} to {far} wire {wire}"


def lan_description(lan: Lan) -> str:
    """A gateway sub-interface."""
    return f"{lan.segment} gateway of {lan.name}"


def bfd_of(fabric: Fabric, near: FabricDevice, far: str) -> BfdProfile:
    """The timers between two devices: fast between cores and firewalls, patient towards a site's edge."""
    return FAR if "edge" in {near.spec.role, fabric.devices[far].spec.role} else NEAR
