"""The blueprint of a lab: nodes, their disks and the cables between them, as plain data.

`network.lab.design` draws it from a fabric; the supervisor, which knows nothing of cities, builds it.
Standard library only, and every value goes through JSON unchanged.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Kind = Literal["router", "firewall", "switch", "host", "peer", "operator"]
Backend = Literal["netns", "kernel"]

OPERATOR = "operator"
TAGGING = frozenset({"router", "firewall"})
"""Kinds whose ports carry VLAN sub-interfaces; all others see a port as it is, tags and all."""
FORWARDING = frozenset({"router", "firewall", "peer"})


@dataclass(frozen=True)
class Node:
    """One node. `files` are laid on its disk at its first boot: path → text, or (text, mode)."""

    name: str
    kind: Kind
    management: str
    """Address with prefix length, on eth0."""
    files: dict[str, str] = field(default_factory=dict)
    links: tuple[str, ...] = ()
    """Lines of `ip -batch`, run inside the node at every boot."""
    agent: bool = False
    """It runs an SNMP agent."""


@dataclass(frozen=True)
class End:
    """One end of a cable."""

    node: str
    port: str


@dataclass(frozen=True)
class Cable:
    """A cable between two ports."""

    name: str
    a: End
    b: End


@dataclass(frozen=True)
class Routes:
    """What a converged node knows: in `vrf` ("" is the default table) a route to each of `prefixes`."""

    node: str
    vrf: str
    prefixes: tuple[str, ...]


@dataclass(frozen=True)
class Neighbour:
    """Who is reached over an interface of a node: `addresses` are those of port `far`."""

    node: str
    vrf: str
    interface: str
    far: End
    addresses: tuple[str, ...]


@dataclass(frozen=True)
class Blueprint:
    """A whole lab."""

    city: str
    backend: Backend
    nodes: tuple[Node, ...]
    cables: tuple[Cable, ...]
    neighbours: tuple[Neighbour, ...] = ()
    routes: tuple[Routes, ...] = ()
    """Empty: there is nothing to wait for."""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Blueprint:
        return cls(
            city=data["city"],
            backend=data["backend"],
            nodes=tuple(Node(**{**node, "links": tuple(node["links"])}) for node in data["nodes"]),
            cables=tuple(Cable(c["name"], End(**c["a"]), End(**c["b"])) for c in data["cables"]),
            neighbours=tuple(
                Neighbour(n["node"], n["vrf"], n["interface"], End(**n["far"]), tuple(n["addresses"]))
                for n in data["neighbours"]
            ),
            routes=tuple(Routes(r["node"], r["vrf"], tuple(r["prefixes"])) for r in data["routes"]),
        )
