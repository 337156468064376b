"""What the firewalls have counted for each row of the register.

A rule counts the packets that open a connection (the rest of it passes by an earlier rule), and its counters begin
anew whenever the firewall takes a new set of rules: at a boot, and at each change of its filter.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Policies = Mapping[str, list[dict[str, Any]]]
"""What NAPALM's `get_firewall_policies` returns: chain → rules, each with `id`, `packet_hits` and `byte_hits`."""


@dataclass(frozen=True, slots=True)
class Count:
    """Packets and bytes."""

    packets: int = 0
    bytes: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(self.packets + other.packets, self.bytes + other.bytes)


@dataclass(frozen=True)
class Hits:
    """What was counted for a row: by firewall; no entry where the firewall has no rule of it."""

    by_firewall: Mapping[str, Count] = field(default_factory=dict)

    @property
    def running(self) -> bool:
        """Whether any firewall has a rule of the row."""
        return bool(self.by_firewall)

    @property
    def total(self) -> Count:
        return sum(self.by_firewall.values(), Count())

    @property
    def unused(self) -> bool:
        """It runs, and no firewall has seen a packet of it."""
        return self.running and self.total.packets == 0


def hits(rows: Iterable[str], firewalls: Mapping[str, Policies]) -> dict[str, Hits]:
    """What each row's rules have counted, on all firewalls."""
    found: dict[str, dict[str, Count]] = {row: {} for row in rows}
    for firewall, chains in firewalls.items():
        for rule in (rule for rules in chains.values() for rule in rules):
            row = found.get(rule["id"])
            if row is not None and rule["packet_hits"] >= 0:
                row[firewall] = row.get(firewall, Count()) + Count(rule["packet_hits"], rule["byte_hits"])
    return {row: Hits(counts) for row, counts in found.items()}
