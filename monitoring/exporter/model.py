"""What the configuration file of an exporter may say. `configuration` writes it; whoever edits one by hand may too."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from typing import Literal

from pydantic import Field

from inventory.element import Element, Name
from inventory.model import Platform
from inventory.values import ProtocolPorts
from network.state import Address


class Source(Element):
    """Where the exporter stands in its segment: the addresses it tries paths from, and its gateways."""

    ipv4: IPv4Address
    ipv6: IPv6Address
    gateway4: IPv4Address
    gateway6: IPv6Address

    def address(self, family: int) -> Address:
        return self.ipv4 if family == 4 else self.ipv6  # noqa: PLR2004 IP's versions

    def gateway(self, family: int) -> Address:
        return self.gateway4 if family == 4 else self.gateway6  # noqa: PLR2004 IP's versions


class Destination(Element):
    """A machine to try, and what is tried there; each entry of `ports4` and `ports6` is one port."""

    segment: str = Field(description="its segment, or `peer:<name>`")
    site: str
    ipv4: IPv4Address
    ipv6: IPv6Address
    ports4: ProtocolPorts = ()
    ports6: ProtocolPorts = ()

    def address(self, family: int) -> Address:
        return self.ipv4 if family == 4 else self.ipv6  # noqa: PLR2004 IP's versions


class Separation(Element):
    """The forbidden paths that are tried all the time."""

    rate: int = Field(default=50, ge=1, le=1000, description="attempts a second")
    patience_ms: int = Field(default=1500, ge=50, le=10000, description="how long an answer is waited for")
    destinations: dict[str, Destination]
    strangers: dict[str, Destination] = Field(
        default_factory=dict, description="hosts of other segments' exporters, with what must not come from them"
    )


class SourceServer(Element):
    """A server that a flow comes from: how it is logged in to, and the addresses that paths are tried from there."""

    name: Name
    address: IPv4Address = Field(description="its management address")
    ipv4: IPv4Address
    ipv6: IPv6Address

    def source(self, family: int) -> Address:
        return self.ipv4 if family == 4 else self.ipv6  # noqa: PLR2004 IP's versions


class FlowPaths(Element):
    """What the exporter tries of one row of the flow register."""

    destinations: dict[str, Destination]
    server: SourceServer | None = Field(default=None, description="where it is tried from, by SSH; default: this host")


class WorkloadClient(Element):
    """A program that does the workload's work: `issue NAME` and `read NUMBER`, each printing one JSON object."""

    client: str = Field(description="its path")


class Login(Element):
    """How devices and servers are logged in to; host keys are always checked."""

    user: str
    key: str | None = Field(default=None, description="SSH private key file; default: the agent")
    known_hosts: str | None = Field(default=None, description="known_hosts file; default: the user's own")
    port: int = Field(default=22, ge=1, le=65535)
    timeout_s: int = Field(default=4, ge=1, le=60, description="for connecting, and for silence of a command")


class Watched(Element):
    """A network device and its management address."""

    platform: Platform
    address: IPv4Address


class Snmp(Element):
    """Agents asked by SNMPv3 with authentication and encryption; nothing older is spoken."""

    credentials: str = Field(description="a file only its owner may read; see `monitoring.exporter.snmp.credentials`")
    client: Literal["gufo", "pysnmp"] = "gufo"
    port: int = Field(default=161, ge=1, le=65535)
    nodes: dict[str, Node]


class Node(Element):
    """A machine that is asked at its management address: by its SNMP agent, or by logging in to it."""

    address: IPv4Address


class Drift(Element):
    """The city whose devices are compared with its inventory."""

    city: str = Field(description="its name or directory")


class JournalAt(Element):
    """Where the journal is kept."""

    url: str


class Configuration(Element):
    """One exporter: who it is, and what it can be asked. What is left out it does not do."""

    city: Name
    segment: str
    host: str
    source: Source | None = None
    separation: Separation | None = None
    flows: dict[str, FlowPaths] = Field(default_factory=dict)
    workloads: dict[str, WorkloadClient] = Field(default_factory=dict)
    login: Login | None = None
    devices: dict[str, Watched] = Field(default_factory=dict)
    servers: dict[str, Node] = Field(default_factory=dict, description="logged in to, to see whether they answer")
    snmp: Snmp | None = None
    drift: Drift | None = None
    journal: JournalAt | None = None


Snmp.model_rebuild()
Configuration.model_rebuild()
