"""Build a lab and change it while it runs: nodes, cables, faults, sub-interfaces. Used by the supervisor only."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from inventory.text import Text
from network.lab import disk, nodes, syscalls
from network.lab.blueprint import OPERATOR, TAGGING, Blueprint, Cable, End, Neighbour, Node
from network.lab.commands import IP, TC, batch, delete, run, whole_checksums
from network.lab.convergence import MAIN
from network.lab.errors import LabError
from network.lab.neighbours import introduce, link_local
from network.lab.startup import Implied, SubInterface, implied_by
from network.lab.switching import Splitter
from network.lab.wires import (
    UNTAGGED,
    Fault,
    Wire,
    Wires,
    admin_lines,
    blackhole_lines,
    bridge_commands,
    tag_commands,
)

SUBIF_SOCKET = "usr/local/lib/sanso-lab/socket"
MANAGEMENT = "mgmt"


Joint = tuple[Wire, str, int]
"""A VLAN on a wire, as seen from one of its sides."""


@dataclass
class Running:
    """A node whose namespaces stand."""

    process: nodes.Process
    up: bool = False
    """Its services run."""
    places: dict[str, int] = field(default_factory=dict)
    """VRF ("" is the default table) → its network namespace, held open: its links must not outlive the node."""
    plugged: set[tuple[str, str]] = field(default_factory=set)
    """(VRF, name) of each port and sub-interface the lab has given it."""
    subif: socket.socket | None = None


class Premises:
    """The lab as it stands: `home` is its tmpfs."""

    def __init__(self, blueprint: Blueprint, keys: dict[str, str], users: disk.Users, home: Path) -> None:
        self.blueprint = blueprint
        self.keys, self.users, self.home = keys, users, home
        self.nodes = {node.name: node for node in blueprint.nodes}
        self.wires = Wires(blueprint)
        self.running: dict[str, Running] = {}
        self.splitter = Splitter(home / "ovs") if any(w.bridge for w in self.wires.by_name.values()) else None

    def namespace(self, node: str, vrf: str = "") -> str:
        """Path of a network namespace of a node, good for any process of the lab itself."""
        if self.blueprint.backend != "netns" or self.nodes[node].kind != "router":
            vrf = ""
        return f"/proc/1/fd/{self.running[node].places[vrf]}"

    def _hold(self, name: str, vrf: str) -> None:
        """Open a network namespace of a running node."""
        running = self.running[name]
        within = f"root/run/netns/{vrf}" if vrf else "ns/net"
        fd = os.open(f"/proc/{running.process.pid}/{within}", os.O_RDONLY | os.O_CLOEXEC)
        stale = running.places.get(vrf)
        running.places[vrf] = fd
        if stale is not None:
            os.close(stale)

    def table(self, node: str, vrf: str) -> int:
        """The number of a VRF's routing table."""
        if not vrf or self.blueprint.backend == "netns":
            return MAIN
        with syscalls.network(self.namespace(node)):
            links = json.loads(run([IP, "-j", "-d", "link", "show", "dev", vrf]))
        return int(links[0]["linkinfo"]["info_data"]["table"])

    def prepare(self) -> None:
        """The lab's own network namespace: nothing of IP in it, and the management bridge."""
        for name in ("all", "default"):
            Path(f"/proc/sys/net/ipv6/conf/{name}/disable_ipv6").write_text("1", encoding="ascii")
        batch(IP, ["link set lo up", f"link add {MANAGEMENT} up type bridge"])

    def furnish(self, progress: Callable[[int, int], None]) -> None:
        """Make every node's disk."""
        database = (self.splitter or Splitter(self.home / "ovs")).create_database()
        for done, node in enumerate(self.blueprint.nodes):
            progress(done, len(self.blueprint.nodes))
            self._furnish(node, database)

    def _furnish(self, node: Node, switch_database: bytes = b"") -> None:
        disk.make(self.home / node.name, node, switch_database, stand_in=self.blueprint.backend == "netns")
        disk.admit(self.home / node.name, node, self.keys[node.name], self.users)

    def raise_nodes(self, names: list[str], progress: Callable[[int, int], None]) -> None:
        """Start the nodes' first processes and join them to management and to their cables."""
        implied = {name: self._implied(name) for name in names}
        for done, name in enumerate(names):
            progress(done, len(names))
            folder = self.home / name
            disk.clear_runtime(folder)
            disk.prepare_runtime(folder)
            self._record(folder, implied[name])
            self.running[name] = Running(nodes.spawn(self.nodes[name], folder, implied[name]))
        for name in names:
            if os.read(self.running[name].process.ready, 1) != b"+":
                raise LabError(
                    Text(
                        f"Node {name} could not be made; see the log.",
                        f"ノード {name} を作れませんでした。ログを見てください。",
                    )
                )
            for vrf in ("", *implied[name].vrfs):
                self._hold(name, vrf)
            if self.nodes[name].kind in TAGGING:
                self._listen(name)
        batch(IP, [line for name in names for line in self._management(name)])

    def cable(self) -> None:
        """Lay every cable and plug every port and sub-interface: at once, for the whole lab."""
        lines = [line for wire in self.wires.by_name.values() for line in self.wires.lay(wire)]
        for name in self.nodes:
            lines += self._plugs(name)[0]
        batch(IP, lines)
        wires = self.wires.by_name.values()
        whole_checksums(
            link for wire in wires if self.wires.untrusted_checksums(wire) for link in self.wires.lowers(wire)
        )
        if self.splitter:
            self.splitter.start()
            self.splitter.transact([word for wire in wires if wire.bridge for word in bridge_commands(wire)])
        self.introduce(lambda _: True)

    def introduce(self, wanted: Callable[[Neighbour], bool]) -> None:
        """Tell running nodes who their neighbours are."""
        rows: dict[str, list[tuple[str, str, str]]] = {}
        for neighbour in filter(wanted, self.blueprint.neighbours):
            running = self.running.get(neighbour.node)
            if running and (neighbour.vrf in running.places or self.blueprint.backend == "kernel"):
                mac = self.wires.mac(neighbour.far)
                found = rows.setdefault(self.namespace(neighbour.node, neighbour.vrf), [])
                found += [(neighbour.interface, address, mac) for address in (*neighbour.addresses, link_local(mac))]
        for place, entries in rows.items():
            introduce(place, entries)

    def _plugs(self, name: str) -> tuple[list[str], list[Joint]]:
        """Lines that give a node its ports and what its startup configuration implies; VLANs that are new on a wire."""
        lines: list[str] = []
        joints: list[Joint] = []
        subs = self._implied(name).sub_interfaces
        for wire, side, port in self.wires.of_node[name]:
            lines += self._plug(name, SubInterface(port, UNTAGGED, ""))
            for sub in subs:
                if sub.port == port:
                    if sub.tag not in wire.tags:
                        joints.append((wire, side, sub.tag))
                    lines += self.wires.lay_tag(wire, side, sub.tag)
                    lines += self._plug(name, sub)
        return lines, joints

    def _plug(self, name: str, sub: SubInterface) -> list[str]:
        self.running[name].plugged.add((sub.vrf, f"{sub.port}.{sub.tag}" if sub.tag else sub.port))
        return list(self.wires.plug(End(name, sub.port), self.namespace(name, sub.vrf), sub.tag))

    def _join(self, joints: list[Joint]) -> None:
        """Carry VLANs that are new on running wires across the lab's Open vSwitch, and give them the wire's fault."""
        bridged = [joint for joint in joints if joint[0].bridge]
        whole_checksums(wire.lower(side, tag) for wire, side, tag in bridged)
        if self.splitter:
            self.splitter.transact([word for joint in bridged for word in tag_commands(*joint)])

    def _implied(self, name: str) -> Implied:
        file = self.home / name / "upper/etc/frr/frr.conf"
        if self.blueprint.backend != "netns" or self.nodes[name].kind not in TAGGING or not file.exists():
            return Implied((), ())
        implied = implied_by(file.read_text(encoding="utf-8"))
        ports = {port for _, _, port in self.wires.of_node[name]}
        return Implied(implied.vrfs, tuple(sub for sub in implied.sub_interfaces if sub.port in ports))

    def _record(self, folder: Path, implied: Implied) -> None:
        """Tell the device's `netdev` what it need not make again, and may take away."""
        lines = [f"vrf {name}" for name in implied.vrfs]
        lines += [f"if {sub.port}.{sub.tag} {sub.vrf or '-'}" for sub in implied.sub_interfaces]
        disk.lay(folder / "upper", "/run/sanso/netdev", "".join(f"{line}\n" for line in lines))

    def _management(self, name: str) -> list[str]:
        number = self.wires.numbers[name]
        port = f"eth0 address {self.wires.mac(End(name, 'eth0'))} netns {self.namespace(name)}"
        lines = [f"link add name m{number} type veth peer name {port}", f"link set m{number} master {MANAGEMENT} up"]
        return lines if name == OPERATOR else [*lines, f"link set m{number} type bridge_slave isolated on"]

    def _listen(self, name: str) -> None:
        running = self.running[name]
        path = Path(f"/proc/{running.process.pid}/root/{SUBIF_SOCKET}")
        if self.blueprint.backend != "netns":
            return
        path.unlink(missing_ok=True)
        running.subif = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        running.subif.bind(str(path))
        running.subif.listen(16)

    def release(self, name: str) -> None:
        """Let a raised node boot."""
        go = self.running[name].process.go
        os.write(go, b"+")
        os.close(go)

    def hear_ready(self, name: str) -> bool:
        """Read what a booting node says; whether its services run."""
        running = self.running[name]
        running.up = os.read(running.process.ready, 16).startswith(b"up")
        os.close(running.process.ready)
        return running.up

    def start(self, name: str) -> None:
        """Power a stopped node on; it boots from its disk."""
        self._node(name)
        if name in self.running:
            raise LabError(Text(f"Node {name} is running already.", f"ノード {name} は既に動いています。"))
        self.raise_nodes([name], lambda _done, _total: None)
        lines, joints = self._plugs(name)
        batch(IP, lines)
        self._join(joints)
        for wire, _, _ in self.wires.of_node[name]:
            self._settle(wire)
        self.introduce(lambda row: name in {row.node, row.far.node})

    def plug_in(self, node: Node, cable: Cable, neighbours: tuple[Neighbour, ...], key: str) -> None:
        """Set up a new host and cable it to a free port of a switch."""
        far = cable.a
        if node.name in self.nodes or far in self.wires.at:
            raise LabError(
                Text(
                    f"{node.name} or {far.node}:{far.port} is taken.",
                    f"{node.name} または {far.node}:{far.port} は使用中です。",
                )
            )
        self._node(far.node)
        self.nodes[node.name], self.keys[node.name] = node, key
        self.wires.extend([node], [cable])
        self.blueprint = replace(
            self.blueprint,
            nodes=(*self.blueprint.nodes, node),
            cables=(*self.blueprint.cables, cable),
            neighbours=(*self.blueprint.neighbours, *neighbours),
        )
        self._furnish(node)
        self.raise_nodes([node.name], lambda _done, _total: None)
        wire = self.wires.by_name[cable.name]
        lines = [*self.wires.lay(wire), *self._plugs(node.name)[0]]
        if far.node in self.running:
            lines += self._plug(far.node, SubInterface(far.port, UNTAGGED, ""))
        batch(IP, lines)
        if self.wires.untrusted_checksums(wire):
            whole_checksums(self.wires.lowers(wire))
        self._settle(wire)
        self.introduce(lambda row: node.name in {row.node, row.far.node})

    def stop(self, name: str) -> None:
        """Take a node's power away. `gone` follows when the kernel has let go of it."""
        self._node(name)
        if name not in self.running:
            raise LabError(Text(f"Node {name} is stopped already.", f"ノード {name} は既に止まっています。"))
        os.kill(self.running[name].process.pid, signal.SIGKILL)

    def whose(self, pid: int) -> str | None:
        """The node whose first process `pid` is."""
        return next((name for name, running in self.running.items() if running.process.pid == pid), None)

    def gone(self, name: str) -> None:
        """A node's first process is dead: the node is off, and its cables lose carrier."""
        running = self.running.pop(name)
        self._unplug(running)
        with contextlib.suppress(OSError):  # the kernel may have been quicker
            batch(IP, [f"link del m{self.wires.numbers[name]}"])
        wires = self.wires.of_node[name]
        self._lift([(wire, side, tag) for wire, side, _ in wires for tag, sides in wire.tags.items() if side in sides])
        for wire, _, _ in wires:
            self._settle(wire)

    def _unplug(self, running: Running) -> None:
        """Take a dead node's links away now: the kernel would do so later, and its next start needs their places."""
        for vrf, fd in running.places.items():
            with syscalls.network(f"/proc/self/fd/{fd}"):
                there = [line.split(": ")[1].partition("@")[0] for line in run([IP, "-o", "link"]).splitlines()]
                batch(IP, [f"link del {name}" for place, name in running.plugged if place == vrf and name in there])
            os.close(fd)
        if running.subif:
            running.subif.close()

    def status(self) -> dict[str, object]:
        """What runs, and which wires are at fault."""
        return {
            "nodes": {name: {"pid": row.process.pid, "up": row.up} for name, row in self.running.items()},
            "faults": {name: wire.fault for name, wire in self.wires.by_name.items() if wire.fault},
        }

    def fault(self, name: str, fault: Fault) -> None:
        """Cut a wire, loudly ("cut": both ports lose carrier) or silently, or heal it ("")."""
        wire = self.wires.by_name.get(name)
        if wire is None:
            raise LabError(Text(f"The lab has no wire {name}.", f"ラボに配線 {name} はありません。"))
        links = self.wires.lowers(wire)
        if wire.fault == "silent" and fault != "silent":
            batch(TC, blackhole_lines(links, on=False))
        wire.fault = fault
        self._settle(wire)
        if not fault:
            self.introduce(lambda row: End(row.node, row.interface.partition(".")[0]) in {wire.cable.a, wire.cable.b})

    def _settle(self, wire: Wire) -> None:
        links = self.wires.lowers(wire)
        ends = {wire.cable.a.node, wire.cable.b.node}
        batch(IP, admin_lines(links, up=wire.fault != "cut" and ends <= self.running.keys()))
        if wire.fault == "silent":
            batch(TC, blackhole_lines(links, on=True))

    def sub_interfaces(self, node: str, verb: str, subs: list[SubInterface]) -> None:
        """Give a running node sub-interfaces ("add"), or take them away ("del"), on its request: all at once."""
        for sub in subs:
            if End(node, sub.port) not in self.wires.at:
                raise LabError(
                    Text(f"{node} has no cable on port {sub.port}.", f"{node} のポート {sub.port} に配線がありません。")
                )
        {"add": self._hand_over, "del": self._take_away}[verb](node, subs)

    def _hand_over(self, node: str, subs: list[SubInterface]) -> None:
        for vrf in dict.fromkeys(sub.vrf for sub in subs if sub.vrf):
            self._hold(node, vrf)
            with syscalls.network(self.namespace(node, vrf)):
                nodes.tune("router")
                batch(IP, ["link set lo up"])
        lines: list[str] = []
        joints: list[Joint] = []
        for sub in subs:
            wire, side = self._wire(node, sub)
            if sub.tag not in wire.tags:
                joints.append((wire, side, sub.tag))
            lines += [*self.wires.lay_tag(wire, side, sub.tag), *self._plug(node, sub)]
        batch(IP, lines)
        self._join(joints)
        for wire in {wire.number: wire for wire, _, _ in joints}.values():
            self._settle(wire)
        names = {f"{sub.port}.{sub.tag}" for sub in subs}
        self.introduce(lambda row: row.node == node and row.interface in names)

    def _take_away(self, node: str, subs: list[SubInterface]) -> None:
        for vrf in dict.fromkeys(sub.vrf for sub in subs):
            names = [f"{sub.port}.{sub.tag}" for sub in subs if sub.vrf == vrf]
            with syscalls.network(self.namespace(node, vrf)):
                delete(names)
            self.running[node].plugged.difference_update((vrf, name) for name in names)
        self._lift([(*self._wire(node, sub), sub.tag) for sub in subs])

    def _wire(self, node: str, sub: SubInterface) -> tuple[Wire, str]:
        end = End(node, sub.port)
        wire = self.wires.at[end]
        return wire, wire.side(end)

    def _lift(self, joints: list[Joint]) -> None:
        """One end of these VLANs is gone, and what was theirs alone goes with it."""
        links: list[str] = []
        ports: list[str] = []
        for wire, side, tag in joints:
            lower = self.wires.lift_tag(wire, side, tag)
            if lower and wire.bridge:
                ports += ["--", "--if-exists", "del-port", wire.other(side, tag)]
            links += lower
        if self.splitter:
            self.splitter.transact(ports)
        delete(links)

    def _node(self, name: str) -> Node:
        node = self.nodes.get(name)
        if node is None:
            raise LabError(Text(f"The lab has no node {name}.", f"ラボにノード {name} はありません。"))
        return node
