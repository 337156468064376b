"""What the wall's matrix shows: how a segment is at a site.

1: all is well. 0.5: it works, but a device that serves it there, or one of the site's ways to the city hall, is lost.
0: it is cut off from the city hall, or no gateway of it answers. No row: nothing is known.
"""

from __future__ import annotations

from collections.abc import Iterable

from monitoring.prometheus.circuits import unless_cut
from monitoring.prometheus.cutoff import Cut, cuts
from monitoring.prometheus.rule import Group, Record
from network.fabric import Fabric


def segments(fabric: Fabric) -> Group:
    """A record for each segment at each site where it has a VLAN."""
    return Group(
        "segments",
        [
            _record(fabric, segment, site, sets.get(site, ()))
            for segment in fabric.city.segments
            for sets in [cuts(fabric, segment)]
            for site in fabric.city.sites
            if stands(fabric, segment, site)
        ],
    )


def stands(fabric: Fabric, segment: str, site: str) -> bool:
    """Whether the segment has a VLAN at the site."""
    return any(lan.segment == segment and lan.site == site for lan in fabric.lans.values())


def _record(fabric: Fabric, segment: str, site: str, sets: tuple[Cut, ...]) -> Record:
    lans = [lan for lan in fabric.lans.values() if lan.segment == segment and lan.site == site]
    gateways = _devices(lan.gateway for lan in lans)
    serving = _devices(name for lan in lans for name in (lan.gateway, *lan.switches))
    vrf = f',vrf="{fabric.city.segments[segment].vrf}"'
    ways = "|".join(name for name in dict.fromkeys(name for cut in sets for name in cut) if site in _ends(fabric, name))
    gone = [f"({part})" for part in unless_cut(sets, "sanso:circuit_vrf_up", vrf)]
    gone.append(f"(max(sanso_device_up{{{gateways}}}) == 0)")
    worse = [f"(min(sanso_device_up{{{serving}}}) == 0)"]
    if ways:
        worse.append(f'(min(sanso:circuit_vrf_up{{circuit=~"{ways}"{vrf}}}) == 0)')
    return Record(
        "sanso:segment_site_up",
        f"(vector(0) and ({' or '.join(gone)})) or (vector(0.5) and ({' or '.join(worse)}))"
        f" or (vector(1) and (max(sanso_device_up{{{gateways}}}) == 1))",
        {"segment": segment, "site": site},
    )


def _ends(fabric: Fabric, circuit: str) -> set[str]:
    """The sites a circuit joins."""
    wire = fabric.wires[circuit]
    return {fabric.devices[end.device].site for end in (wire.a, wire.b)}


def _devices(found: Iterable[str]) -> str:
    return f'device=~"{"|".join(dict.fromkeys(found))}"'
