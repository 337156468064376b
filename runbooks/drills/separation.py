"""The separation of the segments, tried with packets of our own while the drill goes on. Needs the lab.

A few forbidden paths, one for each pair of segments, beside known-good ones that show that a packet which does arrive
would be seen. Hosts that are off are left out, look by look.
"""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import replace
from functools import cache

from network.fabric import Fabric
from network.lab import Lab, LabError
from network.probe import Plan, Probe, Settings, measure, plan_of
from network.probe.engine import NOTHING
from runbooks.drills.meters import Sample

MOST = 40
"""Forbidden paths tried in one look."""
_QUICK = Settings(rate=4000.0, patience=0.6, tries=2, settle=0.0)


class Separation:
    """What a meter looks with."""

    def __init__(self, lab: Lab, fabric: Fabric, day: dt.date) -> None:
        self._lab = lab
        self._fabric = fabric
        self._plan = narrowed(plan_of(fabric, day))

    @property
    def paths(self) -> int:
        """Forbidden paths in a look when every host is on."""
        return len(self._plan.unwanted)

    def look(self) -> Sample:
        """Bad when a forbidden packet arrived, None when it could not be tried."""
        try:
            up = {name for name, node in self._lab.nodes.items() if node.up}
            plan = _among(self._plan, up)
            if not plan.unwanted:
                return Sample(time.time(), None, "no host is up")
            measured = measure(_standing(self._fabric, up), plan, cache(self._lab.netns), _QUICK)
        except (LabError, OSError, ValueError) as error:
            return Sample(time.time(), None, str(error)[:120])
        if not measured.canaries:
            return Sample(time.time(), None, "no known-good packet came through")
        first = len(plan.wanted)
        open_ = [probe for probe, seen in zip(plan.unwanted, measured.seen[first:], strict=True) if seen != NOTHING]
        if open_:
            return Sample(time.time(), good=False, note="; ".join(_said(probe) for probe in open_[:5]))
        return Sample(time.time(), good=True, note=f"0/{len(plan.unwanted)}")


def _standing(fabric: Fabric, up: set[str]) -> Fabric:
    """The fabric without the peers' lines whose firewall is off."""
    lines = {name: line for name, line in fabric.peer_lines.items() if line.device in up}
    return replace(fabric, peer_lines=lines)


def narrowed(plan: Plan) -> Plan:
    """One forbidden path for each pair of zones and address family, and a known-good one for each VLAN it uses."""
    chosen: dict[tuple[str, str, int], Probe] = {}
    for probe in plan.unwanted:
        if probe.kind == "forbidden":
            chosen.setdefault((probe.source.zone, probe.target.zone, probe.family), probe)
    rows = list(chosen.values())
    step = max(1, -(-len(rows) // MOST))
    unwanted = tuple(rows[::step])
    lans = {party.lan for probe in unwanted for party in (probe.source,) if party.lan}
    wanted: dict[tuple[str, int], Probe] = {}
    for probe in plan.wanted:
        if probe.kind == "inside" and probe.source.lan in lans:
            same_lan = getattr(probe.target, "lan", "") == probe.source.lan
            if same_lan or (probe.source.lan, probe.family) not in wanted:
                wanted.setdefault((probe.source.lan, probe.family), probe)
    return _with(plan, tuple(wanted.values()), unwanted)


def _among(plan: Plan, up: set[str]) -> Plan:
    """The part of a plan between hosts that are on."""

    def on(probe: Probe) -> bool:
        return probe.source.node in up and probe.target.node in up

    return _with(plan, tuple(filter(on, plan.wanted)), tuple(filter(on, plan.unwanted)))


def _with(plan: Plan, wanted: tuple[Probe, ...], unwanted: tuple[Probe, ...]) -> Plan:
    names = {party.name for probe in (*wanted, *unwanted) for party in (probe.source, probe.target)}
    parties = tuple(party for party in plan.parties if party.name in names)
    listeners = {party.name: plan.listeners[party.name] for party in parties}
    return replace(plan, parties=parties, wanted=wanted, unwanted=unwanted, listeners=listeners)


def _said(probe: Probe) -> str:
    return f"{probe.source.name} → {probe.target.name} {probe.protocol}/{probe.port} IPv{probe.family}"
