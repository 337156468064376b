"""The paths of a configuration, one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from monitoring.exporter.answer import Labels
from monitoring.exporter.model import Destination
from network.probe.packets import Transport
from network.state import Address

FAMILIES: tuple[Literal[4, 6], ...] = (4, 6)


@dataclass(frozen=True, slots=True)
class Path:
    """One thing to try at one machine."""

    segment: str
    destination: str
    address: Address
    protocol: Transport
    port: int
    """0 with ICMP."""

    @property
    def family(self) -> int:
        return self.address.version

    @property
    def labels(self) -> Labels:
        """As rows of a flow carry them."""
        return {
            "destination": self.destination,
            "protocol": self.protocol,
            "port": str(self.port),
            "family": str(self.family),
        }


def paths_of(destinations: Mapping[str, Destination]) -> Iterator[Path]:
    """Every path to the destinations, in their order."""
    for name, there in destinations.items():
        for family, ports in ((4, there.ports4), (6, there.ports6)):
            for port in ports:
                yield Path(there.segment, name, there.address(family), port.protocol, port.low)
