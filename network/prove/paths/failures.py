"""Everything that can fail alone: a device, a wire, a power feed, and what shares a risk.

A link joins two devices of a site, a circuit two sites, a line a firewall and a peer. The loss of a power feed takes
the devices that hang on no other feed of their site. The loss of a shared risk takes every circuit and line that names
it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from inventory.origin import Origin
from inventory.text import Text
from network.fabric import Fabric, FabricDevice, Wire
from network.prove.paths.down import Down


@dataclass(frozen=True)
class Failure:
    """One thing that fails, what goes down with it, and the lines of the inventory that say so."""

    name: str
    """As a finding's subject: `circuit cc-mikami`."""
    title: Text
    advice: Text
    down: Down
    origins: tuple[Origin, ...]


_OTHER_DEVICE = Text(
    "lead the paths over a second device as well, with its own circuits or links",
    "別の機器を通る経路(回線・配線)をもう一つ用意してください",
)
_OTHER_WIRE = Text("lay a second one over other ground", "別のルートでもう一本用意してください")
_OTHER_LINE = Text(
    "order a second line, best at another site and on another firewall",
    "別の拠点・別のファイアウォールで第二回線を用意してください",
)
_OTHER_FEED = Text(
    "feed the site twice, or lead the paths over another site as well",
    "電源を二系統にするか、別の拠点を通る経路を用意してください",
)
_OTHER_GROUND = Text(
    "take one of the circuits over ground that does not share this risk",
    "この共有リスクに含まれないルートの回線を用意してください",
)


def failures(fabric: Fabric) -> Iterator[Failure]:
    """Every single failure, in the order of the inventory."""
    for name, device in fabric.devices.items():
        title = device.spec.title
        yield Failure(
            f"node {name}",
            Text(f"device {name}", f"機器 {name}{_bracketed(title)}"),
            _OTHER_DEVICE,
            Down(devices=[name]),
            (device.origin,),
        )
    for wire in fabric.wires.values():
        yield _of_wire(fabric, wire)
    yield from _feeds(fabric)
    yield from _risks(fabric)


def _bracketed(title: str) -> str:
    return f"({title})" if title else ""


def _of_wire(fabric: Fabric, wire: Wire) -> Failure:
    if wire.circuit is not None:
        title = fabric.city.circuits[wire.circuit].title
        name, en, ja, advice = "circuit", "circuit", f"回線 {wire.name}{_bracketed(title)}", _OTHER_WIRE
    elif wire.kind == "peer":
        peer = fabric.city.peers[wire.name.partition("/")[0]].title
        name, en, ja, advice = "line", "line", f"接続線 {wire.name}({peer})", _OTHER_LINE
    else:
        name, en, ja, advice = "link", "link", f"構内配線 {wire.name}", _OTHER_WIRE
    return Failure(
        f"{name} {wire.name}", Text(f"{en} {wire.name}", ja), advice, Down(wires=[wire.name]), (wire.origin,)
    )


def _feeds(fabric: Fabric) -> Iterator[Failure]:
    by_site: dict[str, list[FabricDevice]] = {}
    for device in fabric.devices.values():
        by_site.setdefault(device.site, []).append(device)
    for key, devices in by_site.items():
        site = fabric.city.sites[key]
        for feed in site.power.feeds:
            lost = [device for device in devices if set(device.spec.feeds or site.power.feeds) == {feed}]
            if lost:
                own = tuple(device.origin for device in lost if device.spec.feeds)
                yield Failure(
                    f"power {key} {feed}",
                    Text(f"power feed {feed} of site {key}", f"{site.title}の電源系統 {feed}"),
                    _OTHER_FEED,
                    Down(devices=[device.name for device in lost]),
                    (site.power.origin if site.power.origin.file else site.origin, *own),
                )


def _risks(fabric: Fabric) -> Iterator[Failure]:
    sharing: dict[str, list[Wire]] = {}
    for wire in fabric.wires.values():
        for risk in wire.risks:
            sharing.setdefault(risk, []).append(wire)
    for key, group in fabric.city.risk_groups.items():
        wires = sharing.get(key, [])
        if wires:
            yield Failure(
                f"risk {key}",
                Text(f"shared risk {key}", f"共有リスク {key}({group.title})"),
                _OTHER_GROUND,
                Down(wires=[wire.name for wire in wires]),
                (group.origin, *(wire.origin for wire in wires)),
            )
