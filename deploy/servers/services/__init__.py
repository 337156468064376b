"""A small module a service: `part` says what it adds to a server, `CHECKERS` how its files are checked on the host."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from deploy.servers.services import certificates, dns, ntp
from deploy.servers.services.part import CHECKS, Part, Seat

PARTS: Mapping[str, Callable[[Seat], Part]] = MappingProxyType(
    {"dns": dns.part, "ntp": ntp.part, "certificates": certificates.part, "watch": certificates.client}
)
"""By the service's name in the inventory."""

CHECKERS: Mapping[str, str] = MappingProxyType({**dns.CHECKERS, **ntp.CHECKERS, **certificates.CHECKERS})
"""Path → the command that checks a new content, `{file}`, before it is put in place."""

QUIETED: Mapping[str, str] = MappingProxyType(certificates.QUIETED)
"""Package → what is said after its installation: it keeps from running at boot what comes beside what is wanted."""

DATA: Mapping[str, str] = MappingProxyType(certificates.DATA)
"""Daemon → where its data is. A change makes it where there is none, and never takes it away."""

__all__ = ["CHECKERS", "CHECKS", "DATA", "PARTS", "QUIETED", "Part", "Seat"]
