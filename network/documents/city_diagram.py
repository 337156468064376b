"""The network diagram (ネットワーク構成図) of a whole city.

Peers stand in the top row, sites with a core (hubs) in the row below, the hall in the middle; between the two rows
every line among them has a lane of its own. Under each hub its branches hang on a comb. Every line is a bundle of
strands, one a segment it carries. A branch's further circuits are named in its box.
"""

from __future__ import annotations

from dataclasses import dataclass

from inventory.model import Circuit
from network.compile.wording import bandwidth
from network.documents.palette import legend, styles
from network.documents.svg import STRAND, Drawing, Style, fitted
from network.documents.words import MEDIA
from network.fabric import Fabric, Wire

MARGIN = 40.0
GAP = 60.0
LEAF_WIDTH, LEAF_HEIGHT, LEAF_STEP = 230.0, 52.0, 74.0
BRANCH = 150.0
"""Length of a comb's tooth, on which the circuit's label stands."""
HUB_WIDTH, PEER_WIDTH, PEER_HEIGHT = 330.0, 300.0, 54.0
LANE = 34.0
ONE_SIDE = 7
"""With more branches than this a comb has teeth on both sides."""


@dataclass(slots=True)
class _Hub:
    """A site with a core, its branches and where it is drawn."""

    site: str
    leaves: list[tuple[str, Wire]]
    x: float = 0.0
    width: float = 0.0

    @property
    def two_sided(self) -> bool:
        return len(self.leaves) > ONE_SIDE

    @property
    def middle(self) -> float:
        return self.x + self.width / 2


def city_diagram(fabric: Fabric) -> str:
    """The picture, as SVG."""
    return _City(fabric).draw()


class _City:
    """The layout of one picture."""

    def __init__(self, fabric: Fabric) -> None:
        self.fabric = fabric
        self.city = fabric.city
        self.styles = styles(fabric.city)
        self.drawing = Drawing()
        self.hubs = _arranged(fabric, _hubs(fabric))
        self.of_site = {hub.site: hub for hub in self.hubs}
        self.circuits = [wire for wire in fabric.wires.values() if wire.circuit]
        self.lines = [wire for wire in fabric.wires.values() if wire.kind == "peer"]
        self.peers = list(dict.fromkeys(wire.name.partition("/")[0] for wire in self.lines))

    def draw(self) -> str:
        drawing = self.drawing
        right = MARGIN
        for hub in self.hubs:
            hub.width = _hub_width(hub)
            hub.x = right
            right += hub.width + GAP
        width = max(right - GAP + MARGIN, len(self.peers) * (PEER_WIDTH + GAP) + 2 * MARGIN, 900.0)
        title = f"{self.city.title} ネットワーク構成図"
        drawing.text(MARGIN, 46, title, size=22, weight="bold")
        top = 80 + legend(drawing, MARGIN, 76, width - 2 * MARGIN, self.styles)
        lanes = [*self.lines, *self._trunks()]
        row = top + PEER_HEIGHT + 40 + LANE * len(lanes)
        self._lanes(lanes, top, row, width)
        heights = [self._hub(hub, row) for hub in self.hubs]
        return drawing.svg(width, row + max(heights, default=0.0) + MARGIN, title)

    def _trunks(self) -> list[Wire]:
        """Circuits between two hubs."""
        return [wire for wire in self.circuits if {self._site(wire, 0), self._site(wire, 1)} <= self.of_site.keys()]

    def _site(self, wire: Wire, end: int) -> str:
        return self.fabric.devices[(wire.a, wire.b)[end].device].site

    def _strands(self, wire: Wire) -> list[Style]:
        names = wire.segments
        if wire.kind == "peer":
            names = (self.city.peers[wire.name.partition("/")[0]].segment,)
        return [self.styles[name] for name in names]

    def _lanes(self, lanes: list[Wire], top: float, row: float, width: float) -> None:
        """Peers, and every line between peers and hubs or among hubs, each at a height of its own."""
        step = (width - 2 * MARGIN) / max(len(self.peers), 1)
        middles = {peer: MARGIN + step * (place + 0.5) for place, peer in enumerate(self.peers)}
        for peer, middle in middles.items():
            self._peer(peer, middle, top)
        slots = _Slots({hub.site: (hub.middle, HUB_WIDTH) for hub in self.hubs}, self._lane_ends(lanes))
        starts = _Slots(
            {peer: (middle, PEER_WIDTH) for peer, middle in middles.items()},
            [w.name.partition("/")[0] for w in self.lines],
        )
        for place, wire in enumerate(lanes):
            level = top + PEER_HEIGHT + 30 + LANE * place
            if wire.kind == "peer":
                from_x, from_y = starts.take(wire.name.partition("/")[0]), top + PEER_HEIGHT
                to_x = slots.take(self._site(wire, 0) if wire.a.device in self.fabric.devices else self._site(wire, 1))
            else:
                from_x, from_y = slots.take(self._site(wire, 0)), row
                to_x = slots.take(self._site(wire, 1))
            points = [(from_x, from_y), (from_x, level), (to_x, level), (to_x, row)]
            self.drawing.bundle(points, self._strands(wire), wire.name)
            self.drawing.label((from_x + to_x) / 2, level + 4, self._words(wire))

    def _lane_ends(self, lanes: list[Wire]) -> list[str]:
        ends = []
        for wire in lanes:
            ends += [self._site(wire, 0)] if wire.kind == "peer" else [self._site(wire, 0), self._site(wire, 1)]
        return ends

    def _words(self, wire: Wire) -> str:
        if wire.circuit:
            circuit = self.city.circuits[wire.circuit]
            return f"{circuit.title or wire.name} {_line(circuit)}"
        peer, _, key = wire.name.partition("/")
        line = self.city.peers[peer].attachments[key]
        return f"{key} {MEDIA[line.medium]} {bandwidth(line.bandwidth)} {wire.a}"

    def _peer(self, name: str, middle: float, top: float) -> None:
        peer = self.city.peers[name]
        behind = [other.title for other in self.city.peers.values() if other.behind == name]
        left = middle - PEER_WIDTH / 2
        self.drawing.box(left, top, PEER_WIDTH, PEER_HEIGHT, fill="#f3f3f3")
        self.drawing.text(
            middle, top + 22, fitted(peer.title, PEER_WIDTH - 16, 14), size=14, anchor="middle", weight="bold"
        )
        detail = f"AS {peer.asn}" + (f" の先に {'、'.join(behind)}" if behind else "")
        self.drawing.text(middle, top + 42, fitted(detail, PEER_WIDTH - 16, 11), size=11, anchor="middle")

    def _hub(self, hub: _Hub, row: float) -> float:
        """A hub's box with its devices, and its comb; returns the height used."""
        site = self.city.sites[hub.site]
        devices = [d for d in self.fabric.devices.values() if d.site == hub.site and d.spec.role != "access"]
        switches = sum(spec.role == "access" for spec in site.devices.values())
        rows = -(-len(devices) // 3)
        height = 62.0 + 34.0 * rows
        left = hub.middle - HUB_WIDTH / 2
        self.drawing.box(left, row, HUB_WIDTH, height, fill="#eef4fb")
        self.drawing.text(
            hub.middle, row + 24, fitted(site.title, HUB_WIDTH - 16, 15), size=15, anchor="middle", weight="bold"
        )
        detail = f"{hub.site}(拠点番号 {site.number}) アクセススイッチ {switches} 台"
        self.drawing.text(hub.middle, row + 43, fitted(detail, HUB_WIDTH - 16, 11), size=11, anchor="middle")
        for place, device in enumerate(devices):
            x, y = left + 12 + 104 * (place % 3), row + 54 + 34 * (place // 3)
            fill = "#fde9d9" if device.spec.role == "firewall" else "#ffffff"
            self.drawing.box(x, y, 98, 28, fill=fill)
            words = device.name.removeprefix(f"{hub.site}-") + ("(待機)" if device.spec.standby else "")
            self.drawing.text(x + 49, y + 18, words, size=12, anchor="middle")
        return height + self._comb(hub, row + height)

    def _comb(self, hub: _Hub, top: float) -> float:
        if not hub.leaves:
            return 0.0
        sides = 2 if hub.two_sided else 1
        rows = -(-len(hub.leaves) // sides)
        trunk = hub.middle if hub.two_sided else hub.x + STRAND * len(self.styles)
        union = [style for name, style in self.styles.items() if any(name in wire.segments for _, wire in hub.leaves)]
        bottom = top + 40 + LEAF_STEP * (rows - 1)
        if not hub.two_sided:
            trunk = hub.middle - HUB_WIDTH / 2 + 30
        self.drawing.bundle([(trunk, top), (trunk, bottom)], union, hub.site)
        for place, (leaf, wire) in enumerate(hub.leaves):
            y = top + 40 + LEAF_STEP * (place // sides)
            side = -1 if place % sides else 1
            end = trunk + side * BRANCH
            self.drawing.bundle([(trunk, y), (end, y)], self._strands(wire), wire.name)
            self._leaf(leaf, wire, end if side > 0 else end - LEAF_WIDTH, y)
            label = _line(self.city.circuits[wire.circuit or ""])
            self.drawing.label(trunk + side * BRANCH * 0.55, y - STRAND * len(wire.segments) / 2 - 5, label, size=10)
        return bottom - top + LEAF_HEIGHT

    def _leaf(self, name: str, main: Wire, x: float, y: float) -> None:
        site = self.city.sites[name]
        others = [w for w in self.circuits if name in {self._site(w, 0), self._site(w, 1)} and w is not main]
        top = y - LEAF_HEIGHT / 2
        self.drawing.box(x, top, LEAF_WIDTH, LEAF_HEIGHT)
        self.drawing.text(x + 8, top + 18, fitted(site.title, LEAF_WIDTH - 16, 13), size=13)
        detail = f"{name} {len(site.devices)}台 VLAN {len(site.vlans)}"
        self.drawing.text(x + 8, top + 33, fitted(detail, LEAF_WIDTH - 16, 10), size=10)
        if others:
            words = "、".join(f"{self._far(w, name)} {_line(self.city.circuits[w.circuit or ''])}" for w in others)
            self.drawing.text(x + 8, top + 46, fitted(f"他に {words}", LEAF_WIDTH - 16, 10), size=10)

    def _far(self, wire: Wire, site: str) -> str:
        return self._site(wire, 0) if self._site(wire, 1) == site else self._site(wire, 1)


class _Slots:
    """Places side by side on the edge of boxes, for lines that end there."""

    def __init__(self, boxes: dict[str, tuple[float, float]], ends: list[str]) -> None:
        self.boxes = boxes
        self.counts = {name: ends.count(name) for name in boxes}
        self.taken = dict.fromkeys(boxes, 0)

    def take(self, name: str) -> float:
        """The next free place on a box's edge."""
        middle, width = self.boxes[name]
        self.taken[name] += 1
        return middle - width / 2 + width * self.taken[name] / (self.counts[name] + 1)


def _line(circuit: Circuit) -> str:
    return f"{MEDIA[circuit.medium]} {bandwidth(circuit.bandwidth)}"


def _hub_width(hub: _Hub) -> float:
    if not hub.leaves:
        return HUB_WIDTH
    side = BRANCH + LEAF_WIDTH
    return 2 * side if hub.two_sided else max(HUB_WIDTH, side + 60)


def _hubs(fabric: Fabric) -> list[_Hub]:
    """Every site with a core, with the branches whose best circuit ends there."""
    cores = {device.site for device in fabric.devices.values() if device.spec.role == "core"}
    hubs = {site: _Hub(site, []) for site in fabric.city.sites if site in cores}
    best: dict[str, tuple[int, str, Wire]] = {}
    for wire in fabric.wires.values():
        if not wire.circuit:
            continue
        ends = [fabric.devices[end.device].site for end in (wire.a, wire.b)]
        for leaf, hub in (ends, ends[::-1]):
            if leaf not in hubs and hub in hubs and (leaf not in best or wire.cost < best[leaf][0]):
                best[leaf] = (wire.cost, hub, wire)
    for leaf, (_, hub, wire) in best.items():
        hubs[hub].leaves.append((leaf, wire))
    return list(hubs.values())


def _arranged(fabric: Fabric, hubs: list[_Hub]) -> list[_Hub]:
    """The hall in the middle, the others alternately to its right and left."""
    main = [hub for hub in hubs if fabric.city.sites[hub.site].kind == "city-hall"]
    others = [hub for hub in hubs if hub not in main]
    return [*others[1::2][::-1], *main, *others[0::2]]
