"""What a person put into a device's kernel beside its configuration: tunnels, bridges, rules, routes, filters.

A running text tells it in a section of its own at its end, which is no configuration: no commit writes it or takes it
away, and it stands in no startup text.
"""

from __future__ import annotations

import re
import shlex

from .platforms import device_file

SECTION = "# ==> beside the configuration"
BESIDE = shlex.join(["perl", "-e", device_file("beside").decode(), "-e", "print beside()"])
"""Tells all of it, and the interfaces that a configuration may name."""

_NAMED = re.compile(
    r"^(?:interface|vrf|ovs-vsctl add-br|ovs-vsctl add-port \S+) (?P<link>\S+)|^table (?P<table>\S+ \S+) \{",
    re.MULTILINE,
)
_PLAIN = re.compile(r"ip link (\S+) type (?:veth|vlan|tun|openvswitch|bond|team|macvlan|macvtap)(?: vrf \S+)?")
"""Interfaces that lead where their configuration says, if it names them; a tunnel or bridge leads elsewhere."""
_TABLE = re.compile(r"nft table (\S+ \S+)")
_OWN = frozenset({"eth0", "ovs-netdev", "ovs-system"})
"""The management port, and what Open vSwitch makes for itself."""


def configuration(text: str) -> str:
    """A running text without what stands beside it."""
    before, mark, _ = f"\n{text}".partition(f"\n{SECTION}\n")
    return f"{before[1:]}\n" if mark else text


def with_beside(text: str, told: str) -> str:
    """A configuration with the section of what `BESIDE` told, if anything is left when what it names itself is not."""
    links, tables = set(_OWN), set[str]()
    for named in _NAMED.finditer(text):
        (links if named["link"] else tables).add(named["link"] or named["table"])
    lines = [line for line in told.splitlines() if not _named(line, links, tables)]
    return "".join(f"{line}\n" for line in (text.rstrip("\n"), SECTION, *lines)) if lines else text


def _named(line: str, links: set[str], tables: set[str]) -> bool:
    link, table = _PLAIN.fullmatch(line), _TABLE.fullmatch(line)
    return (link is not None and link[1] in links) or (table is not None and table[1] in tables)
