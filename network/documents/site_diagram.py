"""The diagram of a site (拠点構成図): its devices from the outside inwards, every wire with its ports, every VLAN.

Top row: what the site is joined to. Then firewalls, routers, and access switches by their distance from the routers.
Under each access switch stand its access ports with their VLANs, striped in the segment's colour. Where a site gathers
many branches, their circuits are a list beside the router instead.
"""

from __future__ import annotations

from dataclasses import dataclass

from network.compile.wording import bandwidth, far_end
from network.documents.palette import legend, styles
from network.documents.svg import STRAND, Drawing, Style, fitted
from network.documents.words import MEDIA, ROLES
from network.fabric import Fabric, FabricDevice, Wire

MARGIN = 40.0
BOX_WIDTH, BOX_HEIGHT = 250.0, 58.0
GAP = 50.0
LEVEL_GAP = 150.0
OUTSIDE_WIDTH, OUTSIDE_HEIGHT = 210.0, 56.0
ROW = 17.0
LANE = 18.0
FEW_LANES = 4
"""So many wires between two rows fit without more room; each further one takes a lane."""
LIST_WIDTH = 370.0
FEW = 8
"""With more lines to the outside than this, those to branches are listed."""


@dataclass(frozen=True, slots=True)
class _PortGroup:
    """Access ports of a switch that serve one purpose."""

    ports: str
    words: str
    segment: str


def site_diagram(fabric: Fabric, site: str) -> str:
    """The picture of one site, as SVG."""
    return _Site(fabric, site).draw()


class _Site:
    """The layout of one picture."""

    def __init__(self, fabric: Fabric, key: str) -> None:
        self.fabric = fabric
        self.key = key
        self.site = fabric.city.sites[key]
        self.styles = styles(fabric.city)
        self.drawing = Drawing()
        self.devices = {name: device for name, device in fabric.devices.items() if device.site == key}
        self.wires = [w for w in fabric.wires.values() if {w.a.device, w.b.device} & self.devices.keys()]
        self.vlan_segments = {vlan.id: vlan.segment for vlan in self.site.vlans.values()}
        outside = [wire for wire in self.wires if not {wire.a.device, wire.b.device} <= self.devices.keys()]
        self.boxed = [wire for wire in outside if len(outside) <= FEW or self._is_main(wire)]
        self.listed = [wire for wire in outside if wire not in self.boxed]
        self.place: dict[str, tuple[float, float]] = {}
        self.tops: dict[str, list[Wire]] = {}
        self.space: dict[str, float] = {}

    def draw(self) -> str:
        drawing = self.drawing
        levels = self._levels()
        outside = self.boxed
        widest = max([sum(map(self._room, level)) for level in levels] + [len(outside) * (OUTSIDE_WIDTH + 20), 760])
        width = widest + 2 * MARGIN
        title = f"{self.fabric.city.title} {self.site.title} 拠点構成図"
        drawing.text(MARGIN, 44, title, size=20, weight="bold")
        y = 84 + legend(drawing, MARGIN, 72, width - 2 * MARGIN, self.styles)
        tops = [y + (OUTSIDE_HEIGHT + 130 if outside else 0)]
        for level in levels:
            between = LEVEL_GAP + LANE * max(len(self._wires_at(level)) - FEW_LANES, 0)
            tops.append(tops[-1] + BOX_HEIGHT + between + max(map(self._below, level), default=0.0))
            self.space |= dict.fromkeys(level, between)
        for level, top in zip(levels, tops, strict=False):
            spare = (widest - sum(map(self._room, level))) / len(level)
            left = MARGIN
            for name in level:
                self.place[name] = (left + (spare + GAP + BOX_WIDTH) / 2, top)
                left += spare + self._room(name)
        outer = self._outer_places(y, widest)
        self._top_edges(outer)
        self._outside(outer)
        self._inside()
        for name in self.devices:
            self._device(name)
        bottom = self._vlans(tops[-1] - LEVEL_GAP + 40)
        return drawing.svg(width, bottom + MARGIN, title)

    def _levels(self) -> list[list[str]]:
        """Device names by row: firewalls, routers, then switches by their distance from a router."""
        firewalls = [name for name, device in self.devices.items() if device.spec.role == "firewall"]
        routers = [name for name, device in self.devices.items() if device.spec.role in {"core", "edge"}]
        levels = [level for level in (firewalls, routers) if level]
        seen = {name for level in levels for name in level}
        while len(seen) < len(self.devices):
            near = {end for name in seen for end in self._neighbors(name)}
            reached = [name for name in self.devices if name not in seen and name in near]
            level = reached or [name for name in self.devices if name not in seen]
            levels.append(level)
            seen |= set(level)
        return levels

    def _neighbors(self, name: str) -> list[str]:
        return [w.b.device if w.a.device == name else w.a.device for w, _ in self.fabric.wires_of[name]]

    def _room(self, name: str) -> float:
        """Width a device takes in its row, with its list and the gap to the next."""
        return BOX_WIDTH + GAP + (LIST_WIDTH if self._listed_at(name) else 0.0)

    def _wires_at(self, level: list[str]) -> list[Wire]:
        """The wires inside the site that touch a row."""
        inside = [wire for wire in self.wires if {wire.a.device, wire.b.device} <= self.devices.keys()]
        return [wire for wire in inside if {wire.a.device, wire.b.device} & set(level)]

    def _below(self, name: str) -> float:
        """Height of the texts under a device."""
        return ROW * max(len(self._groups(self.devices[name])), len(self._listed_at(name)))

    def _listed_at(self, name: str) -> list[Wire]:
        return [wire for wire in self.listed if self._own(wire)[0] == name]

    def _is_main(self, wire: Wire) -> bool:
        """Whether a line leads to a peer or to a site with a core."""
        if wire.kind == "peer":
            return True
        far = wire.b if wire.a.device in self.devices else wire.a
        site = self.fabric.city.sites[self.fabric.devices[far.device].site]
        return any(spec.role == "core" for spec in site.devices.values())

    def _own(self, wire: Wire) -> tuple[str, str]:
        """The device and port at this site of a line to the outside."""
        end = wire.a if wire.a.device in self.devices else wire.b
        return end.device, end.port

    def _groups(self, device: FabricDevice) -> list[_PortGroup]:
        key = device.name.removeprefix(f"{self.key}-")
        groups = []
        for group in self.site.terminals.values():
            if group.switch == key:
                vlans = "・".join(f"{self.site.vlans[vlan].id}" for vlan in group.vlans)
                title = self.fabric.city.terminal_classes[group.class_].title
                words = f"VLAN {vlans} {title} {group.count}台"
                groups.append(_PortGroup(str(group.ports), words, self.site.vlans[group.vlans[0]].segment))
        for server in self.site.servers.values():
            if server.switch == key:
                vlan = self.site.vlans[server.vlan]
                groups.append(_PortGroup(server.port, f"VLAN {vlan.id} {server.title}", vlan.segment))
        return groups

    def _strands(self, wire: Wire) -> list[Style]:
        if wire.kind == "switched":
            names = dict.fromkeys(self.vlan_segments[tag] for tag in wire.tags)
            return [style for name, style in self.styles.items() if name in names]
        if wire.kind == "peer":
            return [self.styles[self.fabric.city.peers[wire.name.partition("/")[0]].segment]]
        return [self.styles[name] for name in wire.segments]

    def _outer_places(self, top: float, widest: float) -> dict[str, tuple[float, float]]:
        """Wire → middle and top of its box in the first row, in the order of the devices below."""
        ordered = sorted(self.boxed, key=lambda wire: self.place[self._own(wire)[0]][0])
        step = widest / max(len(ordered), 1)
        return {wire.name: (MARGIN + step * (index + 0.5), top) for index, wire in enumerate(ordered)}

    def _top_edges(self, outer: dict[str, tuple[float, float]]) -> None:
        """Device → the wires that end on its upper edge, from left to right."""
        for name in self.devices:
            ends = [(outer[w.name][0], w) for w in self.boxed if self._own(w)[0] == name]
            for wire in self.wires:
                if {wire.a.device, wire.b.device} <= self.devices.keys():
                    upper, lower = self._ends(wire)
                    if lower == name and self.place[upper][1] < self.place[lower][1]:
                        ends.append((self.place[upper][0], wire))
            self.tops[name] = [wire for _, wire in sorted(ends, key=lambda pair: pair[0])]

    def _slot(self, wire: Wire, name: str) -> float:
        """Where a wire ends on a device's upper edge."""
        edge = self.tops[name]
        return self.place[name][0] - BOX_WIDTH / 2 + BOX_WIDTH * (edge.index(wire) + 1) / (len(edge) + 1)

    def _outside(self, outer: dict[str, tuple[float, float]]) -> None:
        """Boxes for the far ends of circuits and peers' lines, and the wires down from them."""
        wires = {wire.name: wire for wire in self.boxed}
        for index, (key, (middle, top)) in enumerate(outer.items()):
            wire = wires[key]
            device, port = self._own(wire)
            words, line = self._line(wire)
            self.drawing.box(middle - OUTSIDE_WIDTH / 2, top, OUTSIDE_WIDTH, OUTSIDE_HEIGHT, fill="#f3f3f3")
            self._centred(middle, top + 17, words, 12)
            self._centred(middle, top + 33, line, 10)
            self._centred(middle, top + 48, far_end(wire, device), 10)
            slot, below = self._slot(wire, device), self.place[device][1]
            level = top + OUTSIDE_HEIGHT + 16 + 80 * (index + 0.5) / len(outer)
            points = [(middle, top + OUTSIDE_HEIGHT), (middle, level), (slot, level), (slot, below)]
            self.drawing.bundle(points, self._strands(wire), wire.name)
            self._port_label(slot, below, wire, device, port)

    def _port_label(self, x: float, y: float, wire: Wire, device: str, port: str) -> None:
        """A port's name above a box's edge; every second one higher, so that neighbours do not touch."""
        self.drawing.label(x, y - 6 - 13 * (self.tops[device].index(wire) % 2), port, size=10)

    def _line(self, wire: Wire) -> tuple[str, str]:
        city = self.fabric.city
        if wire.circuit:
            circuit = city.circuits[wire.circuit]
            speed = f"{MEDIA[circuit.medium]} {bandwidth(circuit.bandwidth)} {circuit.provider}"
            return circuit.title or wire.circuit, speed
        peer, _, key = wire.name.partition("/")
        line = city.peers[peer].attachments[key]
        return city.peers[peer].title, f"{MEDIA[line.medium]} {bandwidth(line.bandwidth)} {line.provider}"

    def _centred(self, x: float, y: float, words: str, size: float) -> None:
        self.drawing.text(x, y, fitted(words, OUTSIDE_WIDTH - 12, size), size=size, anchor="middle")

    def _inside(self) -> None:
        """The wires among the site's devices; each leaves its box at a place of its own."""
        inside = [wire for wire in self.wires if {wire.a.device, wire.b.device} <= self.devices.keys()]
        downs: dict[str, list[Wire]] = {name: [] for name in self.devices}
        level: list[Wire] = []
        for wire in inside:
            upper, lower = self._ends(wire)
            if self.place[upper][1] == self.place[lower][1]:
                level.append(wire)
            else:
                downs[upper].append(wire)
        for name in self.devices:
            downs[name].sort(key=lambda wire: self.place[self._ends(wire)[1]][0])
        for wire in inside:
            if wire in level:
                self._level_wire(wire)
            else:
                self._falling_wire(wire, downs)

    def _ends(self, wire: Wire) -> tuple[str, str]:
        """The device drawn higher (or further left), and the other."""
        a, b = wire.a.device, wire.b.device
        return (a, b) if self._order(a) <= self._order(b) else (b, a)

    def _order(self, name: str) -> tuple[float, float]:
        x, y = self.place[name]
        return y, x

    def _port(self, wire: Wire, device: str) -> str:
        return wire.a.port if wire.a.device == device else wire.b.port

    def _level_wire(self, wire: Wire) -> None:
        left, right = self._ends(wire)
        (x1, y), (x2, _) = self.place[left], self.place[right]
        middle = y + BOX_HEIGHT / 2
        start, end = x1 + BOX_WIDTH / 2, x2 - BOX_WIDTH / 2
        self.drawing.bundle([(start, middle), (end, middle)], self._strands(wire), wire.name)
        self.drawing.label(start + 22, middle - 16, self._port(wire, left), size=10)
        self.drawing.label(end - 22, middle - 16, self._port(wire, right), size=10)

    def _falling_wire(self, wire: Wire, downs: dict[str, list[Wire]]) -> None:
        upper, lower = self._ends(wire)
        (x1, y1), (_, y2) = self.place[upper], self.place[lower]
        out = downs[upper]
        start = x1 - BOX_WIDTH / 2 + BOX_WIDTH * (out.index(wire) + 1) / (len(out) + 1)
        end = self._slot(wire, lower)
        top = y1 + BOX_HEIGHT
        space = self.space[upper]
        turn = y2 - space + 40 + (space - 75) * self._lane(wire, downs)
        self.drawing.bundle([(start, top), (start, turn), (end, turn), (end, y2)], self._strands(wire), wire.name)
        self.drawing.label(start, top + 14 + 12 * (out.index(wire) % 2), self._port(wire, upper), size=10)
        self._port_label(end, y2, wire, lower, self._port(wire, lower))

    def _lane(self, wire: Wire, downs: dict[str, list[Wire]]) -> float:
        """Where between two rows a wire turns, 0 to 1: all wires of a row of boxes at heights of their own."""
        upper = self._ends(wire)[0]
        same = [w for name, out in downs.items() if self.place[name][1] == self.place[upper][1] for w in out]
        return (same.index(wire) + 0.5) / len(same)

    def _device(self, name: str) -> None:
        device = self.devices[name]
        x, y = self.place[name]
        left = x - BOX_WIDTH / 2
        fill = {"firewall": "#fde9d9", "core": "#eef4fb", "edge": "#eef4fb"}.get(device.spec.role, "#ffffff")
        self.drawing.box(left, y, BOX_WIDTH, BOX_HEIGHT, fill=fill)
        self.drawing.text(
            x, y + 19, name + ("(待機)" if device.spec.standby else ""), size=13, anchor="middle", weight="bold"
        )
        role = device.spec.title or ROLES[device.spec.role]
        self.drawing.text(
            x, y + 35, fitted(f"{role} {device.spec.model}", BOX_WIDTH - 12, 11), size=11, anchor="middle"
        )
        self.drawing.text(x, y + 50, f"管理 {device.management.ip}", size=10, anchor="middle")
        for index, group in enumerate(self._groups(device)):
            base = y + BOX_HEIGHT + 15 + ROW * index
            self.drawing.bundle([(left, base - 4), (left + 22, base - 4)], [self.styles[group.segment]])
            words = fitted(f"{group.ports} {group.words}", BOX_WIDTH + 14, 11)
            self.drawing.text(left + 28, base, words, size=11)
        for index, wire in enumerate(self._listed_at(name)):
            base = y + BOX_HEIGHT + 15 + ROW * index
            start = left + BOX_WIDTH + 14
            self.drawing.bundle([(start, base - 4), (start + 22, base - 4)], self._strands(wire))
            words, line = self._line(wire)
            text = f"{self._own(wire)[1]} {words} {line}"
            self.drawing.text(start + 28, base, fitted(text, LIST_WIDTH - 40, 11), size=11)

    def _vlans(self, top: float) -> float:
        """The list of VLANs below the picture; returns where it ends."""
        self.drawing.text(MARGIN, top, "VLAN一覧", size=14, weight="bold")
        y = top
        for lan in sorted((lan for lan in self.fabric.lans.values() if lan.site == self.key), key=lambda lan: lan.tag):
            y += 20
            self.drawing.bundle([(MARGIN, y - 4), (MARGIN + 40, y - 4)], [self.styles[lan.segment]])
            gateway = f"ゲートウェイ {lan.gateway} {lan.gateway_interface}"
            words = f"{lan.tag} {lan.title or lan.vlan} {lan.ipv4} {lan.ipv6} {gateway}"
            self.drawing.text(MARGIN + 50, y, words, size=11)
        return y + STRAND
