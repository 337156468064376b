"""The typed, frozen model of a city: what its YAML may say.

The loader merges each site's template into the site before validation, so a `Site` here is whole:
every device, link, VLAN, server and terminal group it has stands in it, each with its origin.
Addresses are not stored but follow from the numbers (`network.fabric` computes them), so that adding
a site, a VLAN or a device renumbers nothing else.
"""

from __future__ import annotations

import datetime as dt
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from inventory.alerting import Alerting
from inventory.element import Element, Name, Names
from inventory.register import Flow, HostGroup, Member, Waiver
from inventory.values import Bandwidth, DevicePort, PortRange, PortRanges, ProtocolPorts
from inventory.workloads import Recovery, ServerService, Workload

VrfName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$", max_length=15)]
"""A VRF's name: it is a Linux interface name too, so at most 15 characters."""

SegmentKind = Literal["mynumber", "lgwan", "internet", "dmz", "school", "guest", "iot", "voice", "remote", "management"]
"""領域の種類."""

SecurityModel = Literal["alpha", "alpha-prime", "beta", "beta-prime"]
"""三層の対策のモデル: αモデル, α′モデル, βモデル, β′モデル."""

Edition = Literal["2018-09", "2020-12", "2022-03", "2023-03", "2024-10", "2025-03"]
"""ガイドラインの版 (year and month of the revision)."""

Role = Literal["core", "edge", "firewall", "access"]
"""core: コア, edge: 拠点ルータ, firewall: ファイアウォール, access: アクセススイッチ."""

Platform = Literal["frr", "nftables", "openvswitch"]

Medium = Literal[
    "dark-fibre",
    "city-fibre",
    "leased-line",
    "wide-area-ethernet",
    "ip-vpn",
    "flets-vpn",
    "mobile",
    "radio",
    "satellite",
]
"""回線の媒体."""

PortProtection = Literal[
    "dot1x", "mac-authentication", "mac-binding", "dhcp-snooping", "arp-inspection", "bpdu-guard", "ra-guard"
]
"""アクセスポートの保護機能."""

SsidSecurity = Literal["open", "wep", "wpa2-personal", "wpa3-personal", "wpa2-enterprise", "wpa3-enterprise"]
"""SSID の暗号化・認証方式."""


class AddressPlan4(Element):
    """IPv4 plan of a segment: `supernet` is cut into blocks of /`site_prefix`, one a site by its number."""

    supernet: IPv4Network
    site_prefix: int = Field(default=20, ge=8, le=30)
    transit: IPv4Network = Field(description="ルータ間接続用 (cut into /31, one a routed link by its number)")


class AddressPlan6(Element):
    """IPv6 plan of a segment: `supernet` is cut into blocks of /`site_prefix`, each VLAN takes one /64."""

    supernet: IPv6Network
    site_prefix: int = Field(default=56, ge=16, le=64)
    transit: IPv6Network = Field(description="ルータ間接続用 (cut into /127, one a routed link by its number)")


class Segment(Element):
    """A segment (領域): one VRF on every shared device."""

    number: int = Field(ge=1, le=99, description="領域番号; decides transit VLAN tags; never reuse one")
    kind: SegmentKind
    title: str
    vrf: VrfName
    ipv4: AddressPlan4
    ipv6: AddressPlan6
    resolvers: tuple[IPv4Address | IPv6Address, ...] = Field(
        default=(), description="上位の名前解決サーバ: asked for other names than the segment's own; none: nobody is"
    )


class Management(Element):
    """The management network (管理ネットワーク): out of band, never forwards between devices."""

    ipv4: IPv4Network
    site_prefix: int = Field(default=23, ge=16, le=23, description="one block a site by its number")
    user: str = Field(default="sanso", description="操作用アカウント")
    port: int = Field(default=22, ge=1, le=65535)
    key: str | None = Field(default=None, description="SSH private key file; default: the agent")
    known_hosts: str | None = Field(default=None, description="known_hosts file; default: the user's own")
    snmp: str | None = Field(
        default=None,
        description="SNMPv3の認証情報ファイル: the devices' and servers' agents are asked with it; default: no agents",
    )
    time: IPv4Address | None = Field(default=None, description="庁内の時刻源: the city's time source in this network")
    alerts: Alerting | None = Field(
        default=None, description="警報の通知先: where alerts are sent; default: they stand on the wall only"
    )
    authentication: Literal["radius", "tacacs", "local"] | None = Field(
        default=None, description="機器管理者の認証方式の申告 (left out: not known)"
    )
    named_users: bool | None = Field(
        default=None, description="機器の管理アカウントが個人ごとか (申告; left out: not known)"
    )
    two_factor: bool | None = Field(
        default=None, description="保守接続で多要素認証を行うか (申告; left out: not known)"
    )
    recording: bool | None = Field(default=None, description="保守接続の操作を記録するか (申告; left out: not known)")


class RiskGroup(Element):
    """A shared-risk group (共有リスク): what fails together."""

    title: str
    kind: Literal["conduit", "building-entry", "power-feed", "exchange", "other"]


class Room(Element):
    """A room (室) that holds devices."""

    title: str
    floor: int = 1
    flood_depth_m: float = Field(default=0.0, ge=0, description="想定浸水深 (m) at this room")
    seismic_fixing: bool = Field(default=False, description="機器の耐震固定")
    access_control: bool = Field(default=False, description="入退室管理")
    racks: int = Field(default=1, ge=0)


class Power(Element):
    """Power facts of a site (電源)."""

    feeds: tuple[str, ...] = ("A",)
    ups_minutes: int = Field(default=0, ge=0)
    generator_hours: int = Field(default=0, ge=0)


class Hazard(Element):
    """Hazard facts of a site (浸水・地震)."""

    flood_depth_m: float = Field(default=0.0, ge=0, description="想定最大浸水深 (m)")
    seismic_standard: Literal["new", "old", "reinforced", "isolated"] = Field(
        default="new", description="新耐震, 旧耐震, 耐震補強済, 免震"
    )


class Device(Element):
    """A network device (ネットワーク機器). Its full name is `<site>-<key>`."""

    number: int = Field(ge=1, le=63, description="機器番号 in the site; decides its management address")
    role: Role
    platform: Platform
    ports: int = Field(ge=1, le=128, description="number of ports: eth1 … ethN (eth0 is management)")
    title: str = ""
    model: str = ""
    firmware: str = ""
    end_of_support: dt.date | None = Field(default=None, description="保守期限")
    room: Name | None = None
    asn: int | None = Field(default=None, ge=1, le=4294967294, description="AS number where it speaks BGP")
    standby: bool = Field(
        default=False, description="待機系 (a firewall, or a core beside it, used when the main one is lost)"
    )
    protections: tuple[PortProtection, ...] | None = Field(
        default=None, description="アクセスポートで有効な保護機能の申告 (an access switch's; left out: not known)"
    )
    feeds: tuple[str, ...] = Field(
        default=(), description="電源系統: those of the site's `power.feeds` it hangs on; default: all of them"
    )


class Link(Element):
    """A link inside a site (構内配線). Written `a: core1:eth1, b: acc1:eth1`."""

    number: int | None = Field(
        default=None, ge=0, le=15, description="needed between routers/firewalls: decides transit addresses"
    )
    a: DevicePort
    b: DevicePort
    segments: tuple[Name, ...] | None = Field(default=None, description="default: every segment both ends carry")


class Ssid(Element):
    """An SSID (無線LAN) of a wireless VLAN, as the city declares its access points to be set."""

    name: str = Field(min_length=1, max_length=32)
    security: SsidSecurity
    eap: tuple[Literal["tls", "ttls", "peap"], ...] = Field(default=(), description="RADIUS サーバが許す EAP 方式")
    protected_frames: bool = Field(default=False, description="管理フレーム保護 (PMF)")
    client_isolation: bool = Field(default=False, description="端末間通信の遮断")
    rogue_detection: bool = Field(default=False, description="不正アクセスポイントの検知")


class Vlan(Element):
    """A VLAN of a site and its subnet."""

    segment: Name
    id: int = Field(ge=2, le=1999, description="802.1Q VLAN ID, unique in the site; 2000 and up are transit tags")
    slot: int = Field(ge=0, description="its place in the site's address block, in units of its own prefix length")
    title: str = ""
    gateway: Name = Field(description="the site's router that holds its gateway address (.1)")
    access: Names = Field(description="the switches it stands on")
    prefix4: int = Field(default=24, ge=16, le=30)
    ipv4: IPv4Network | None = Field(default=None, description="override of the planned prefix")
    ipv6: IPv6Network | None = Field(default=None, description="override of the planned prefix")
    medium: Literal["wired", "wireless"] = "wired"
    ssid: Ssid | None = Field(default=None, description="a wireless VLAN's; left out: not known")


class TerminalClass(Element):
    """A class of terminals (端末種別)."""

    title: str
    kind: Literal["pc", "thin-client", "mfp", "phone", "camera", "signage", "sensor", "access-point", "guest", "tablet"]


class Terminals(Element):
    """A group of like terminals at a site (端末群). The lab boots one of them."""

    class_: Name = Field(alias="class")
    vlans: Names = Field(alias="vlan")
    number: int = Field(ge=1, le=4094, description="host part of the lab terminal's address; 100 and up by custom")
    count: int = Field(ge=0)
    switch: Name
    ports: PortRange = Field(description="access ports, such as eth5-eth12; the lab terminal is on the first")


class Server(Element):
    """A server (サーバ). Its full name is `<site>-<key>`."""

    title: str
    vlan: Name
    number: int = Field(ge=2, le=4094, description="host part of its address")
    management: int = Field(ge=64, le=254, description="host part of its management address, unique in the site")
    switch: Name
    port: str = Field(pattern=r"^eth[1-9][0-9]*$")
    os: str = ""
    end_of_support: dt.date | None = None
    room: Name | None = None
    listens: ProtocolPorts = ()
    services: tuple[ServerService, ...] = Field(default=(), description="サーバが担う機能: what sanso deploys on it")


class Site(Element):
    """A site (拠点), its template already merged in."""

    number: int = Field(ge=0, le=1023, description="拠点番号; decides every address of the site; never reuse one")
    title: str
    kind: Literal[
        "city-hall", "data-center", "disaster-center", "backup-center", "branch", "school", "community", "facility"
    ]
    template: Name | None = None
    address: str = ""
    rooms: dict[Name, Room] = Field(default_factory=dict)
    power: Power = Power()
    hazard: Hazard = Hazard()
    devices: dict[Name, Device] = Field(default_factory=dict)
    links: dict[Name, Link] = Field(default_factory=dict)
    vlans: dict[Name, Vlan] = Field(default_factory=dict)
    servers: dict[Name, Server] = Field(default_factory=dict)
    terminals: dict[Name, Terminals] = Field(default_factory=dict)


class Circuit(Element):
    """A WAN circuit between two sites (回線). Ends are written `hall-core1:eth5`."""

    number: int = Field(ge=0, le=4095, description="回線番号; decides its transit addresses; never reuse one")
    title: str = ""
    a: DevicePort
    b: DevicePort
    medium: Medium
    provider: str
    bandwidth: Bandwidth = Field(description="1G, 100M …; kept in bit/s")
    risks: Names = ()
    segments: tuple[Name, ...] | None = Field(default=None, description="default: every segment both ends carry")
    cost: int = Field(default=10, ge=1, le=65535, description="OSPF cost")


class Attachment(Element):
    """A line from one of our firewalls to an external peer. Its addresses are given by the provider."""

    device: DevicePort
    ipv4: IPv4Interface = Field(description="our address; the peer has the other of the /31 or /30")
    ipv6: IPv6Interface
    medium: Medium
    provider: str
    bandwidth: Bandwidth
    risks: Names = ()
    preference: int = Field(default=100, ge=1, le=1000, description="higher is preferred (BGP local preference)")


class PeerHost(Element):
    """A machine at a peer that the lab boots, so that flows to the peer can be tried."""

    ipv4: IPv4Address
    ipv6: IPv6Address


class Peer(Element):
    """An external network (外部接続先): LGWAN, the security cloud, a shared municipal cloud."""

    kind: Literal["lgwan", "security-cloud", "municipal-cloud", "government-cloud", "internet"]
    title: str
    asn: int = Field(ge=1, le=4294967294)
    segment: Name = Field(description="the segment this peer serves; only its addresses are announced to it")
    prefixes4: tuple[IPv4Network, ...]
    prefixes6: tuple[IPv6Network, ...]
    attachments: dict[Name, Attachment] = Field(default_factory=dict)
    behind: Name | None = Field(
        default=None, description="the peer through which it is reached (internet behind the security cloud)"
    )
    source_nat4: IPv4Address | None = Field(
        default=None, description="our sources are translated to this assigned address"
    )
    assigned6: IPv6Network | None = Field(
        default=None, description="割当 IPv6 プレフィックス (assigned to us by the peer)"
    )
    hosts: dict[Name, PeerHost] = Field(default_factory=dict)


class City(Element):
    """A city, whole and consistent in type. Cross references are checked by `inventory.checks`."""

    name: Name
    title: str
    extends: Name | None = Field(
        default=None, description="もとにする市: what is written here is laid over that city's files, null takes out"
    )
    model: SecurityModel
    edition: Edition
    asn: int = Field(default=64512, ge=1, le=4294967294, description="AS number of the cores")
    domain: str = Field(default="example.lg.jp", description="DNS domain of the address book")
    management: Management
    segments: dict[Name, Segment]
    risk_groups: dict[Name, RiskGroup] = Field(default_factory=dict)
    terminal_classes: dict[Name, TerminalClass] = Field(default_factory=dict)
    sites: dict[Name, Site]
    circuits: dict[Name, Circuit] = Field(default_factory=dict)
    peers: dict[Name, Peer] = Field(default_factory=dict)
    groups: dict[Name, HostGroup] = Field(default_factory=dict)
    flows: dict[Name, Flow] = Field(default_factory=dict)
    waivers: dict[Name, Waiver] = Field(default_factory=dict)
    workloads: dict[Name, Workload] = Field(default_factory=dict)


__all__ = [
    "AddressPlan4",
    "AddressPlan6",
    "Attachment",
    "Circuit",
    "City",
    "Device",
    "DevicePort",
    "Element",
    "Flow",
    "HostGroup",
    "Link",
    "Management",
    "Member",
    "Peer",
    "PeerHost",
    "PortRange",
    "PortRanges",
    "Power",
    "Recovery",
    "RiskGroup",
    "Room",
    "Segment",
    "Server",
    "Site",
    "Ssid",
    "TerminalClass",
    "Terminals",
    "Vlan",
    "Waiver",
    "Workload",
]
