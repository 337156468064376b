"""What a node's startup configuration implies: VRFs and VLAN sub-interfaces that must exist before FRR reads it."""

from __future__ import annotations

import re
from dataclasses import dataclass

_VRF = re.compile(r"^vrf (\S+)$", re.MULTILINE)
_INTERFACE = re.compile(r"^interface (?P<name>\S+?)(?: vrf (?P<vrf>\S+))?$", re.MULTILINE)
_TAGGED = re.compile(r"^(?P<port>eth[0-9]+)\.(?P<tag>[0-9]+)$")


@dataclass(frozen=True)
class SubInterface:
    """VLAN `tag` of a port, in `vrf` ("" is the default table)."""

    port: str
    tag: int
    vrf: str


@dataclass(frozen=True)
class Implied:
    """All of it."""

    vrfs: tuple[str, ...]
    sub_interfaces: tuple[SubInterface, ...]


def implied_by(configuration: str) -> Implied:
    """The VRFs and sub-interfaces a frr.conf names."""
    vrfs = dict.fromkeys(_VRF.findall(configuration))
    found: dict[SubInterface, None] = {}
    for match in _INTERFACE.finditer(configuration):
        vrf = match["vrf"] or ""
        if vrf:
            vrfs[vrf] = None
        tagged = _TAGGED.match(match["name"])
        if tagged:
            found[SubInterface(tagged["port"], int(tagged["tag"]), vrf)] = None
    return Implied(tuple(vrfs), tuple(found))
