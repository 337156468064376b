"""What a person put into a device's kernel beside its configuration: tunnels, routes, filters, programs.

A running text tells it in a section of its own at its end, which is no configuration: no commit writes it or takes it
away, and it stands in no startup text.
"""

from __future__ import annotations

import re
import shlex
from ipaddress import IPv4Interface, IPv6Interface, ip_interface
from typing import NamedTuple

from .platforms import device_file

SECTION = "# ==> beside the configuration"
SCRIPTS = ("-e", device_file("bpf").decode(), "-e", device_file("beside").decode())
"""Options of perl that give it the means to tell it: `beside()`."""
BESIDE = shlex.join(["perl", *SCRIPTS, "-e", "print beside()"])
"""Tells all of it, and the interfaces and addresses that a configuration may name."""

_NAMED = re.compile(
    r"^interface (?P<interface>\S+)(?: vrf (?P<vrf>\S+))?$|^ ipv?6? address (?P<address>[0-9a-f.:]+/\d+)$"
    r"|^(?:vrf|ovs-vsctl add-br|ovs-vsctl add-port \S+) (?P<link>\S+)|^table (?P<table>\S+ \S+) \{",
    re.MULTILINE,
)
_PLAIN = re.compile(
    r"ip link (?P<name>\S+)(?: type (?P<type>veth|vlan|tun|openvswitch|bond|team|macvlan|macvtap))?"
    r"(?: vrf (?P<vrf>\S+))?"
)
"""Interfaces that lead where their configuration says, if it names them there; a tunnel or bridge leads elsewhere."""
_ADDRESS = re.compile(r"ipv?6? address (?P<address>\S+) dev (?P<name>\S+)(?: vrf (?P<vrf>\S+))?")
_TABLE = re.compile(r"nft table (\S+ \S+)(?: sha256 [0-9a-f]{64})?")
_OWN = frozenset({"eth0", "ovs-netdev", "ovs-system"})
"""The management port, and what Open vSwitch makes for itself."""


class _Place(NamedTuple):
    """An interface, and the VRF it stands in; "" for the default one."""

    name: str
    vrf: str = ""


def configuration(text: str) -> str:
    """A running text without what stands beside it."""
    before, mark, _ = f"\n{text}".partition(f"\n{SECTION}\n")
    return f"{before[1:]}\n" if mark else text


def with_beside(text: str, told: str) -> str:
    """A configuration with the section of what `BESIDE` told, if anything is left when what it names itself is not."""
    named = _Named(text)
    lines = [line for line in told.splitlines() if not named.has(line)]
    return "".join(f"{line}\n" for line in (text.rstrip("\n"), SECTION, *lines)) if lines else text


class _Named:
    """What a configuration names itself."""

    def __init__(self, text: str) -> None:
        self._links = {_Place(name) for name in _OWN}
        self._tables: set[str] = set()
        self._addresses: set[tuple[_Place, IPv4Interface | IPv6Interface]] = set()
        place = _Place("")
        for found in _NAMED.finditer(text):
            if found["interface"]:
                place = _Place(found["interface"], found["vrf"] or "")
                self._links.add(place)
            elif found["address"]:
                self._addresses.add((place, ip_interface(found["address"])))
            elif found["link"]:
                self._links.add(_Place(found["link"]))
            else:
                self._tables.add(found["table"])
        self._names = {place.name for place in self._links}

    def has(self, line: str) -> bool:
        """Whether the configuration says itself what a line tells, or the line tells nothing."""
        if link := _PLAIN.fullmatch(line):
            idle = not (link["type"] or link["vrf"]) and link["name"] not in self._names  # a port that nobody uses
            return idle or _Place(link["name"], link["vrf"] or "") in self._links
        if address := _ADDRESS.fullmatch(line):
            return (_Place(address["name"], address["vrf"] or ""), ip_interface(address["address"])) in self._addresses
        table = _TABLE.fullmatch(line)
        return table is not None and table[1] in self._tables
