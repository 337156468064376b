"""Packet checks and state checks: what must be green before a new configuration may stay.

A plan carries its checks, so they are approved with it. A check is required after a change when the new configuration
calls for it, unless the old one called for it too and it was red already: a line that was dead before does not stop a
change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from deploy.clock import Clock
from deploy.device import Driver, Observation, TroubleError
from deploy.fleet import Fleet, split
from inventory.text import Text

POLL_S = 2
OSPFV2 = 2
DEFAULT_TABLE = frozenset({"global", "default"})
"""NAPALM's and FRR's names for the default table."""

Kind = Literal["ospf", "ospf6", "bgp", "bfd", "ping", "service"]


class Check(BaseModel):
    """One thing that must hold on a device, in a VRF ("" is the default table).

    `subject` is the local interface for ospf, ospf6 and bfd (a neighbour on it is Full, its peers of `family` all
    up), the neighbour's address for bgp, the destination address for ping, what a server serves
    for service. `known` tells that the old configuration called for it too.
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
    "service": Text("{device}: the service {subject} does its work", "{device}: サービス {subject} が機能している"),
    "ping": Text("{device}: {subject} answers a ping{where}", "{device}: {subject} が ping に応答{where}"),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the checks say: the required ones that are red, and the devices that did not tell."""

    red: tuple[Check, ...]
    silent: Mapping[str, TroubleError]

    @property
    def passed(self) -> bool:
        return not self.red and not self.silent


def pings(checks: Iterable[Check]) -> dict[str, list[str]]:
    """VRF → the addresses that have to answer."""
    found: dict[str, list[str]] = {}
    for check in checks:
        if check.kind == "ping":
            found.setdefault(check.vrf, []).append(check.subject)
    return found


def green(seen: Observation, checks: Iterable[Check]) -> set[Check]:
    """Those of one device's checks that are green."""
    near = seen.neighbors
    keys = _ospf(near.get("ospf", ())) | _bfd(near.get("bfd", ())) | _bgp(near.get("bgp", {}))
    keys |= {("ping", vrf, address, _family(address)) for vrf, found in seen.answering.items() for address in found}
    keys |= {("service", "", name, 4) for name in seen.serving}
    return {check for check in checks if (check.kind, check.vrf, check.subject, check.family) in keys}


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


class WrongError(TroubleError):
    """A device is not as it has to be: looking again does not help."""

    def __init__(self, device: str, what: Text) -> None:
        super().__init__(device, "refused", what)


Condition = Callable[[str, Observation], None]
"""Raises WrongError when a device is not as it has to be."""


def look(
    fleet: Fleet, checks: Iterable[Check], what: Text, texts: Mapping[str, str], holds: Condition
) -> tuple[set[Check], dict[str, TroubleError]]:
    """The green ones of `checks`, and the devices that did not tell. Every device is visited once.

    `texts` are the configurations that devices are expected to run: of each of these it must hold that `holds`.
    """
    per_device: dict[str, list[Check]] = {name: [] for name in texts}
    for check in checks:
        per_device.setdefault(check.device, []).append(check)

    def visit(name: str, driver: Driver) -> set[Check]:
        seen = driver.observe(pings(per_device[name]), texts.get(name, ""))
        if name in texts:
            holds(name, seen)
        return green(seen, per_device[name])

    found, silent = split(fleet.each(per_device, what, visit))
    return set().union(*found.values()), silent


def wait_for(  # noqa: PLR0913, PLR0917 what a wait is made of
    fleet: Fleet,
    checks: Iterable[Check],
    clock: Clock,
    until: float,
    texts: Mapping[str, str],
    holds: Condition,
) -> Verdict:
    """Look again and again until all checks are green, the deadline has passed, or the operator has interrupted.

    Only what is still red is looked at again, and in the end everything once more, with what must hold of the devices
    of `texts` (see `look`): what turned red meanwhile is seen. What does not hold is not waited for.
    """
    everything = tuple(checks)
    left = everything
    while True:
        whole = len(left) == len(everything)
        found, silent = look(fleet, left, LOOKING, texts if whole else {}, holds)
        red = tuple(check for check in left if check not in found and check.device not in silent)
        if not red and not silent and whole:
            return Verdict((), {})
        wrong = any(isinstance(error, WrongError) for error in silent.values())
        if wrong or clock.now() >= until or clock.interrupted:
            return Verdict(red, silent)
        left = red + tuple(check for check in left if check.device in silent)
        if left:
            clock.wait(POLL_S)
        else:
            left = everything


LOOKING = Text("checking configurations, neighbours and pings", "設定・隣接関係・疎通の確認")


def _family(address: str) -> Literal[4, 6]:
    return 6 if ":" in address else 4


def _table(vrf: str) -> str:
    return "" if vrf in DEFAULT_TABLE else vrf
