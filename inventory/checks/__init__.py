"""The checks of an inventory. One function a claim; `CHECKS` lists them all.

A check gets a `Survey` of a city free of dangling references and yields findings with the path of what is wrong;
`check` adds the file and line. Where a check infers something from what is absent it asks `survey.sound` first.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

from inventory.checks.approvals import approvals_complete, approvals_live
from inventory.checks.circuits import circuits_join, firewalls_speak, links_join, sites_reached
from inventory.checks.declarations import protections_on_switches, ssids_on_air
from inventory.checks.finding import Check
from inventory.checks.flows import (
    flows_cross,
    flows_maintained,
    flows_of_mynumber,
    flows_once,
    flows_sanitised,
    flows_told_apart,
)
from inventory.checks.groups import groups_in_one_zone, members_said_once
from inventory.checks.layer2 import gateways_route, hosts_on_switches, platforms_fit, switches_used, vlans_reach
from inventory.checks.lifecycle import supported
from inventory.checks.models import breakout_in_model, internet_by_security_cloud, model_in_edition
from inventory.checks.naming import full_names, vrf_names
from inventory.checks.numbers import hosts_once, numbers_once, terminal_groups_few
from inventory.checks.overlaps import flows_apart
from inventory.checks.peers import (
    announcements_apart,
    attachments_fit,
    peer_hosts_inside,
    peers_announce,
    peers_attached,
)
from inventory.checks.plans import blocks_fit, hosts_fit, overrides_fit, sites_fit, slots_fit, supernets_apart
from inventory.checks.ports import ports_exist, ports_once
from inventory.checks.power import feeds_exist
from inventory.checks.references import resolve
from inventory.checks.services import resolvers_fit, services_listen, services_used, time_source_fits
from inventory.checks.subnets import subnets_apart, transits_once
from inventory.checks.survey import Survey
from inventory.checks.terminals import guests_apart, mynumber_wired, terminals_in_one_segment
from inventory.checks.workloads import workloads_hold, workloads_need_forward, workloads_stand
from inventory.errors import Finding
from inventory.model import City
from inventory.origin import NOWHERE, Origin

Path = tuple[str, ...]

CHECKS: tuple[Check, ...] = (
    numbers_once,
    hosts_once,
    terminal_groups_few,
    full_names,
    vrf_names,
    ports_exist,
    ports_once,
    feeds_exist,
    platforms_fit,
    gateways_route,
    hosts_on_switches,
    vlans_reach,
    switches_used,
    links_join,
    circuits_join,
    sites_reached,
    firewalls_speak,
    blocks_fit,
    sites_fit,
    slots_fit,
    overrides_fit,
    hosts_fit,
    supernets_apart,
    subnets_apart,
    transits_once,
    peers_attached,
    peers_announce,
    attachments_fit,
    peer_hosts_inside,
    announcements_apart,
    terminals_in_one_segment,
    mynumber_wired,
    guests_apart,
    ssids_on_air,
    protections_on_switches,
    members_said_once,
    groups_in_one_zone,
    flows_cross,
    flows_of_mynumber,
    flows_sanitised,
    flows_maintained,
    flows_once,
    flows_apart,
    flows_told_apart,
    approvals_complete,
    approvals_live,
    model_in_edition,
    breakout_in_model,
    internet_by_security_cloud,
    supported,
    services_listen,
    services_used,
    resolvers_fit,
    time_source_fits,
    workloads_stand,
    workloads_need_forward,
    workloads_hold,
)


def check_city(city: City, today: dt.date) -> tuple[Finding, ...]:
    """All findings about a city made otherwise than by the loader; cited are the lines of its elements."""
    return check(city, today, broken=frozenset(), place=lambda path: _element_origin(city, path))


def check(
    city: City, today: dt.date, *, broken: frozenset[Path], place: Callable[[Path], Origin]
) -> tuple[Finding, ...]:
    """All findings about a city whose `broken` paths were taken out; `place` tells the line of a path."""
    whole, broken, dangling = resolve(city, broken)
    survey = Survey(whole, today, broken)
    findings = [*dangling, *(finding for run in CHECKS for finding in run(survey))]
    return tuple(replace(finding, origin=place(finding.path)) for finding in findings)


def _element_origin(city: City, path: Path) -> Origin:
    """The origin of the deepest element on a path."""
    here: object = city
    origin = NOWHERE
    for part in path[1:] if path[:1] == ("city",) else path:
        if isinstance(here, dict):
            here = here.get(part)
        elif isinstance(here, tuple):
            here = here[int(part)] if part.isdecimal() and int(part) < len(here) else None
        else:
            here = getattr(here, part, None)
        found = getattr(here, "origin", None)
        origin = found if isinstance(found, Origin) else origin
    return origin


__all__ = ["CHECKS", "Survey", "check", "check_city"]
