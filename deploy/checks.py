"""Packet checks and state checks: what must be green before a new configuration may stay.

A plan carries its checks, so they are approved with it. A check is required after a change when the new configuration
calls for it, unless the old one called for it too and it was red already: a line that was dead before does not stop a
change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol, cast

from pydantic import BaseModel, ConfigDict

from deploy.clock import Clock
from deploy.device import Driver, TroubleError
from deploy.fleet import Fleet
from inventory.text import Text

POLL_S = 2
OSPFV2 = 2
DEFAULT_TABLE = frozenset({"global", "default"})
"""NAPALM's and FRR's names for the default table."""

Kind = Literal["ospf", "ospf6", "bgp", "bfd", "ping"]


class Check(BaseModel):
    """One thing that must hold on a device, in a VRF ("" is the default table).

    `subject` is the local interface for ospf, ospf6 and bfd (a neighbour on it is Full, its peers of `family` all
    up), the neighbour's address for bgp, the destination address for ping. `known` tells that the old configuration
    called for it too.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind
    device: str
    vrf: str
    subject: str
    family: Literal[4, 6]
    known: bool

    @property
    def text(self) -> Text:
        where = f" ({self.vrf})" if self.vrf else ""
        return _WORDS[self.kind].format(device=self.device, subject=self.subject, where=where, family=self.family)


_WORDS: Mapping[Kind, Text] = {
    "ospf": Text(
        "{device}: an OSPF neighbour is Full on {subject}{where}",
        "{device}: {subject}{where} の OSPF 隣接が Full",
    ),
    "ospf6": Text(
        "{device}: an OSPFv3 neighbour is Full on {subject}{where}",
        "{device}: {subject}{where} の OSPFv3 隣接が Full",
    ),
    "bgp": Text(
        "{device}: BGP with {subject} is established{where}",
        "{device}: {subject} との BGP が確立{where}",
    ),
    "bfd": Text(
        "{device}: BFD (IPv{family}) is up on {subject}{where}",
        "{device}: {subject}{where} の BFD (IPv{family}) が up",
    ),
    "ping": Text("{device}: {subject} answers a ping{where}", "{device}: {subject} が ping に応答{where}"),
}


class Observer(Protocol):
    """The driver's getters that checks read, besides those of `Driver`; `network.drivers` says what they return."""

    def get_neighbors(self) -> Mapping[str, Any]: ...
    def answering(self, destinations: Mapping[str, Iterable[str]]) -> Mapping[str, frozenset[str]]: ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the checks say: the required ones that are red, and the devices that did not tell."""

    red: tuple[Check, ...]
    silent: Mapping[str, TroubleError]

    @property
    def passed(self) -> bool:
        return not self.red and not self.silent


def observe(driver: Driver, checks: Iterable[Check]) -> set[Check]:
    """Those of one device's checks that are green now."""
    wanted = list(checks)
    device = cast("Observer", driver)
    green: set[_Key] = set()
    if any(check.kind != "ping" for check in wanted):
        seen = device.get_neighbors()
        green |= _ospf(seen["ospf"]) | _bfd(seen["bfd"]) | _bgp(seen["bgp"])
    pings: dict[str, list[str]] = {}
    for check in wanted:
        if check.kind == "ping":
            pings.setdefault(check.vrf, []).append(check.subject)
    if pings:
        answered = device.answering(pings)
        green |= {("ping", vrf, address, _family(address)) for vrf, found in answered.items() for address in found}
    return {check for check in wanted if (check.kind, check.vrf, check.subject, check.family) in green}


_Key = tuple[Kind, str, str, Literal[4, 6]]


def _ospf(rows: Iterable[Mapping[str, Any]]) -> set[_Key]:
    green: set[_Key] = set()
    for row in rows:
        place = _table(row["vrf"]), row["interface"]
        if row["is_full"]:
            green.add(("ospf", *place, 4) if row["version"] == OSPFV2 else ("ospf6", *place, 6))
    return green


def _bfd(rows: Iterable[Mapping[str, Any]]) -> set[_Key]:
    peers: dict[_Key, bool] = {}
    for row in rows:
        key: _Key = ("bfd", _table(row["vrf"]), row["interface"], _family(row["address"]))
        peers[key] = peers.get(key, True) and bool(row["is_up"])
    return {key for key, up in peers.items() if up}


def _bgp(tables: Mapping[str, Mapping[str, Any]]) -> set[_Key]:
    return {
        ("bgp", _table(table), address, _family(address))
        for table, found in tables.items()
        for address, peer in found["peers"].items()
        if peer["is_up"]
    }


def required(checks: Iterable[Check], before: set[Check]) -> tuple[Check, ...]:
    """The checks a change must pass, given those that were green before it."""
    return tuple(check for check in checks if not check.known or check in before)


def look(fleet: Fleet, checks: Iterable[Check]) -> tuple[set[Check], dict[str, TroubleError]]:
    """The green ones of `checks` on all devices, and the devices that did not tell."""
    per_device: dict[str, list[Check]] = {}
    for check in checks:
        per_device.setdefault(check.device, []).append(check)
    seen = fleet.each(
        per_device,
        Text("checking neighbours and pings", "隣接関係と疎通の確認"),
        lambda name, driver: observe(driver, per_device[name]),
    )
    green: set[Check] = set()
    silent: dict[str, TroubleError] = {}
    for name, found in seen.items():
        if isinstance(found, TroubleError):
            silent[name] = found
        else:
            green |= found
    return green, silent


def wait_for(fleet: Fleet, checks: Iterable[Check], clock: Clock, until: float, go_on: Callable[[], bool]) -> Verdict:
    """Look again and again until all checks are green, the deadline has passed, or the operator has interrupted.

    Only what is still red is looked at again, and in the end everything once more: what turned red meanwhile is seen.
    """
    everything = tuple(checks)
    left = everything
    while True:
        green, silent = look(fleet, left)
        red = tuple(check for check in left if check not in green and check.device not in silent)
        silent_ones = tuple(check for check in left if check.device in silent)
        if not red and not silent and len(left) == len(everything):
            return Verdict((), {})
        if clock.now() >= until or not go_on():
            return Verdict(red, silent)
        left = red + silent_ones
        if left:
            clock.wait(POLL_S)
        else:
            left = everything


def _family(address: str) -> Literal[4, 6]:
    return 6 if ":" in address else 4


def _table(vrf: str) -> str:
    return "" if vrf in DEFAULT_TABLE else vrf
