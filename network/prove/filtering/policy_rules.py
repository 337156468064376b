"""The packets that a rule of a policy map (`pbr-map`) is for."""

from __future__ import annotations

from network.prove.sets.packets import Packets, packets, union
from network.state import PolicyRule


def matched(rule: PolicyRule) -> Packets:
    """All that a rule matches, in both families where it names none; ports are those of TCP and UDP."""
    ports = rule.sport is not None or rule.dport is not None
    protocols: tuple[str | None, ...] = ("tcp", "udp") if ports and not rule.protocol else (None,)
    return union(
        packets(
            source=None if rule.src is None else [rule.src],
            destination=None if rule.dst is None else [rule.dst],
            protocol=rule.protocol or protocol,
            source_ports=[(rule.sport, rule.sport)] if rule.sport is not None else (),
            destination_ports=[(rule.dport, rule.dport)] if rule.dport is not None else (),
        )
        for protocol in protocols
    )
