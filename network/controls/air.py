"""The wireless VLANs of a city, and what it declares of their SSIDs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from inventory.model import Ssid
from inventory.text import Text
from network.controls.control import Evidence, either, waiting
from network.controls.facts import Facts
from network.fabric import Lan

NO_WIRELESS = Text("the city has no wireless VLAN", "無線の VLAN がありません")
NO_STAFF_WIRELESS = Text("staff have no wireless VLAN", "職員用の無線の VLAN がありません")
DECLARED = Text(
    "the SSIDs are what the city declares in the inventory (`ssid`); access points and RADIUS are not read",
    "SSID の設定はインベントリでの申告 (`ssid`) によるもので、無線機器や RADIUS サーバから読み取っていません",
)


def wireless_lans(facts: Facts) -> tuple[Lan, ...]:
    """Every wireless VLAN."""
    return tuple(lan for lan in facts.fabric.lans.values() if lan.wireless)


def staff_lans(facts: Facts) -> tuple[Lan, ...]:
    """Wireless VLANs of staff: those outside the guests' segments."""
    guests = facts.segments("guest")
    return tuple(lan for lan in wireless_lans(facts) if lan.segment not in guests)


def ssid_of(facts: Facts, lan: Lan) -> Ssid | None:
    """What is declared of a wireless VLAN's SSID."""
    return facts.city.sites[lan.site].vlans[lan.vlan].ssid


def each_ssid(
    facts: Facts, lans: Iterable[Lan], what: Text, shown: Callable[[Ssid], str], holds: Callable[[Ssid], bool]
) -> Iterator[Evidence]:
    """Whether something holds of each SSID; one piece of open evidence for all that are not declared."""
    unknown: list[Lan] = []
    for lan in lans:
        ssid = ssid_of(facts, lan)
        if ssid is None:
            unknown.append(lan)
            continue
        text = Text("{lan}, SSID {name}: {what} {shown}", "{lan} の SSID {name}: {what} {shown}").format(
            lan=lan.name, name=ssid.name, what=what, shown=shown(ssid)
        )
        yield either(holds(ssid), text, text, ssid.origin if ssid.origin.file else lan.origin)
    if unknown:
        yield waiting(
            Text("{what} ({count} SSIDs without `ssid`)", "{what} (SSID {count} 件の申告 `ssid`)").format(
                what=what, count=len(unknown)
            ),
            unknown[0].origin,
        )


def on_or_off(value: bool) -> str:  # noqa: FBT001 the value shown
    """A switch in words both languages share."""
    return "on" if value else "off"
