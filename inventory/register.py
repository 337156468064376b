"""The flow register's part of the model: who may speak to whom, by whose approval, and what is accepted for a time."""

from __future__ import annotations

import datetime as dt
from ipaddress import IPv4Network, IPv6Network
from typing import Literal

from pydantic import Field

from inventory.element import Element, Name
from inventory.values import ProtocolPorts
from inventory.windows import Windows

FlowKind = Literal["specified", "sanitised", "service", "breakout", "dmz", "maintenance"]
"""特定通信, 無害化通信, 共通サービス, ローカルブレイクアウト, 公開, 保守."""

SanitisedBy = Literal["screen-transfer", "mail-text", "file"]
"""無害化の方式: 画面転送, メールテキスト化, ファイル無害化."""


class Member(Element):
    """One member of a host group: exactly one of the five is given (`prefixes` may narrow a peer)."""

    segment: Name | None = Field(default=None, description="every VLAN of the segment")
    vlan: str | None = Field(default=None, description="`<site>/<vlan>`, or `*/<vlan>` for every site that has it")
    server: str | None = Field(default=None, description="a server's full name")
    terminals: Name | None = Field(default=None, description="a terminal class: the VLANs its groups stand in")
    peer: Name | None = None
    prefixes: tuple[IPv4Network | IPv6Network, ...] = Field(default=(), description="with `peer`: only these of it")


class HostGroup(Element):
    """A named group of hosts (ホストグループ), all in one segment or at one peer."""

    title: str
    members: tuple[Member, ...]


class Flow(Element):
    """A row of the flow register (通信登録簿): what may cross between segments. Direction is that of the opener.

    The window of a maintenance row is Japan time; the firewalls let the row's packets pass within it only, and cut off
    at its end what is still open.
    """

    kind: FlowKind
    title: str
    source: Name = Field(alias="from")
    destination: Name = Field(alias="to")
    ports: ProtocolPorts = Field(description="tcp/443, udp/53, tcp/8000-8100, icmp")
    reason: str = ""
    owner: str = Field(default="", description="所管課")
    approver: str = Field(default="", description="承認者 (a role)")
    approved_on: dt.date | None = None
    expires_on: dt.date | None = None
    document: str = Field(default="", description="文書番号")
    gateway: str | None = Field(default=None, description="sanitised: the server that sanitises (full name)")
    sanitised_by: SanitisedBy | None = None
    window: Windows = Field(default=(), description="maintenance: 作業時間帯 (sat,sun 22:00-05:00)")


class Waiver(Element):
    """A finding of the proof that is known and accepted until a day (是正猶予): it does not stop a change."""

    findings: tuple[str, ...] = Field(
        min_length=1,
        description="as the proof names them; * stands for any text: `spof:circuit cc-mikami`, `spof:*`. What could not"
        " be read only as its hint names it, with the digest: `unread:core1 filter@3fa9c1d20b77`",
    )
    reason: str
    owner: str = Field(description="所管課")
    approver: str = Field(description="承認者 (a role)")
    approved_on: dt.date
    expires_on: dt.date
    document: str = Field(default="", description="文書番号")
