"""Circuits: their state from what both ends say, and which sites are cut off without them.

A circuit carries a segment when its sub-interfaces are up at every end that answers, and a BFD session of that VRF
stands. It is down when it carries none, so a cut that leaves the carrier up counts too. A session that is not there is
down: routers forget the sessions of neighbours they have lost. With neither end answering there is no state.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from inventory.text import Text
from monitoring.prometheus import names
from monitoring.prometheus.cutoff import Cut, Cuts, cuts, root
from monitoring.prometheus.rule import Alert, Group, Record, Rule
from monitoring.prometheus.settings import Settings
from network.fabric import Fabric, Wire


def circuits(fabric: Fabric, settings: Settings) -> Group:
    """Records before the alerts that read them."""
    wires = {wire.circuit: wire for wire in fabric.wires.values() if wire.circuit is not None}
    sets = cuts(fabric)
    rules: list[Rule] = []
    for name, wire in wires.items():
        rules += _records(fabric, name, wire)
    rules += (_reachable(site, found) for site, found in sets.items())
    for name, wire in wires.items():
        rules += _alerts(fabric, name, wire, sets, settings)
    rules += (_cut_off(fabric, site, settings) for site in sets)
    return Group("circuits", rules)


def all_lost(metric: str, cut: Cut, more: str = "") -> str:
    """One row without labels when every circuit of the cut is known to be down."""
    return f'count({metric}{{circuit=~"{"|".join(cut)}"{more}}} == 0) == {len(cut)}'


def unless_cut(sets: tuple[Cut, ...], metric: str, more: str = "") -> Iterator[str]:
    """Conditions under any of which a site is cut off. Cuts of one circuit are one condition together."""
    for size, same in groupby(sets, key=len):
        if size == 1:
            single = "|".join(cut[0] for cut in same)
            yield f'count({metric}{{circuit=~"{single}"{more}}} == 0) > 0'
        else:
            yield from (all_lost(metric, cut, more) for cut in same)


def _selector(metric: str, wire: Wire) -> str:
    """Both ends' rows of a metric, for the sub-interfaces of a wire."""
    return " or ".join(f'{metric}{{device="{end.device}",interface=~"{end.port}[.].+"}}' for end in (wire.a, wire.b))


def _records(fabric: Fabric, name: str, wire: Wire) -> Iterator[Record]:
    labels = {"circuit": name, "title": names.circuit(fabric, name)}
    up = f"min by (vrf) ({_selector('sanso_interface_up', wire)})"
    sessions = f"max by (vrf) ({_selector('sanso_bfd_session_up', wire)})"
    yield Record("sanso:circuit_vrf_up", f"{up} * on (vrf) ({sessions} or 0 * {up})", labels)
    yield Record("sanso:circuit_up", f'max without (vrf) (sanso:circuit_vrf_up{{circuit="{name}"}})', labels)


def _reachable(site: str, sets: tuple[Cut, ...]) -> Record:
    gone = " or ".join(f"({part})" for part in unless_cut(sets, "sanso:circuit_up"))
    known = "|".join(sorted({circuit for cut in sets for circuit in cut}))
    return Record(
        "sanso:site_reachable",
        f'(vector(0) and ({gone})) or (vector(1) and (count(sanso:circuit_up{{circuit=~"{known}"}}) > 0))',
        {"site": site},
    )


def _alerts(fabric: Fabric, name: str, wire: Wire, sets: Cuts, settings: Settings) -> Iterator[Alert]:
    lost = [site for site, found in sets.items() if (name,) in found]
    title = names.circuit(fabric, name)
    ends = [fabric.devices[end.device].site for end in (wire.a, wire.b)]
    between = "–".join(names.site(fabric, site) for site in ends) + "間"
    labels = {"circuit": name}
    if beyond := _beyond(name, ends, sets):
        labels["site"] = beyond
    if lost:
        impact = Text(
            f"Without it {len(lost)} site(s) are cut off: {', '.join(lost)}.",
            f"この回線が切れると次の拠点が孤立します: {names.sites(fabric, lost)}。",
        )
    else:
        impact = Text(
            "No site is cut off by this alone; there is no redundancy left until it is mended.",
            "この回線だけで孤立する拠点はありませんが、復旧まで冗長性が失われています。",
        )
    way = names.medium(fabric, name)
    yield Alert(
        "CircuitDown",
        f'sanso:circuit_up{{circuit="{name}"}} == 0',
        "critical" if lost else "warning",
        title,
        Text(f"Circuit {name} ({' - '.join(ends)}) is down.", f"回線断: {title}({between})が不通です。"),
        Text(
            f"Neither end ({wire.a}, {wire.b}) passes any segment over it. {impact.en}",
            f"両端({wire.a}、{wire.b})の状態から、どの領域の通信も通っていません。{impact.ja}回線種別と提供者: {way}。",
        ),
        settings.circuit,
        labels,
    )
    degraded = f'min without (vrf) (sanso:circuit_vrf_up{{circuit="{name}"}}) == 0'
    yield Alert(
        "CircuitDegraded",
        f'{degraded} and sanso:circuit_up{{circuit="{name}"}} == 1',
        "warning",
        title,
        Text(
            f"Circuit {name} carries only some of its segments.",
            f"回線の一部不通: {title}({between})で通信できない領域があります。",
        ),
        Text(
            f"At {wire.a} or {wire.b} an interface or a BFD session of at least one segment is down.",
            f"{wire.a} または {wire.b} で、少なくとも一つの領域のインタフェースまたは BFD セッションが停止しています。",
        ),
        settings.device,
        labels,
    )


def _beyond(name: str, ends: list[str], sets: Cuts) -> str:
    """The site that a circuit hangs behind: cut off by others, it takes the circuit along. "" for one that may cut."""
    causes = {site: {circuit for cut in sets[site] for circuit in cut} for site in ends if site in sets}
    return next((site for site, circuits_ in causes.items() if name not in circuits_), "")


def _cut_off(fabric: Fabric, site: str, settings: Settings) -> Alert:
    title, home = names.site(fabric, site), names.site(fabric, root(fabric))
    return Alert(
        "SiteCutOff",
        f'sanso:site_reachable{{site="{site}"}} == 0',
        "critical",
        title,
        Text(f"Site {site} is cut off.", f"拠点孤立: {title}が{home}から切り離されています。"),
        Text(
            f"Every circuit on the way is down. What is at {site} is not told one by one while this lasts.",
            f"{home}への回線がすべて不通です。解消するまで、{title}の個々の機器や通信の警報は抑止されます。",
        ),
        settings.circuit,
        {"site": site, "far_site": site},
    )
