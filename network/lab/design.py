"""Draw the blueprint of a lab from a fabric: every device, host and peer, and each cable between them."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import replace
from ipaddress import IPv4Interface, IPv4Network

from network.fabric import Fabric, FabricDevice, Host
from network.lab.acquaintance import known_neighbours
from network.lab.blueprint import OPERATOR, Backend, Blueprint, Cable, End, Kind, Neighbour, Node
from network.lab.expectation import expected_routes
from network.lab.peers import PeerNode, peer_configuration, peer_nodes

_KINDS: dict[str, Kind] = {"frr": "router", "nftables": "firewall", "openvswitch": "switch"}
_DAEMONS: dict[Kind, tuple[str, ...]] = {
    "router": ("bgpd", "ospfd", "ospf6d", "bfdd"),
    "firewall": ("bgpd", "bfdd"),
    "peer": ("bgpd", "bfdd"),
}
_SECTION = "# ==> "


def draw(fabric: Fabric, configurations: Mapping[str, str] | None, backend: Backend) -> Blueprint:
    """The lab of `fabric`.

    `configurations` (device → text as `network.render` writes it) is what its devices start with; None: factory
    state, a host name and a management address.
    """
    peers, behind = peer_nodes(fabric)
    addresses = _beyond_plan(fabric, 1 + len(peers))
    nodes = [_device(device, configurations, backend) for device in fabric.devices.values()]
    nodes += [_host(host) for host in fabric.hosts.values()]
    if fabric.city.management.snmp is not None:
        nodes = [node if _is_terminal(fabric, node) else replace(node, agent=True) for node in nodes]
    nodes += [_peer(peer, address) for peer, address in zip(peers, addresses[1:], strict=True)]
    book = "".join(f"{node.management.partition('/')[0]} {node.name}\n" for node in nodes)
    nodes.append(_operator(fabric, addresses[0], book))
    cables = [Cable(w.name, End(w.a.device, w.a.port), End(w.b.device, w.b.port)) for w in fabric.wires.values()]
    cables += [Cable(f"{h.name}:eth1", End(h.switch, h.port), End(h.name, "eth1")) for h in fabric.hosts.values()]
    return Blueprint(
        city=fabric.city.name,
        backend=backend,
        nodes=tuple(nodes),
        cables=(*cables, *behind),
        neighbours=(*_management_neighbours(nodes), *known_neighbours(fabric)),
        routes=expected_routes(fabric) if configurations else (),
    )


def _is_terminal(fabric: Fabric, node: Node) -> bool:
    return node.name in fabric.hosts and fabric.hosts[node.name].kind == "terminal"


def _management_neighbours(nodes: list[Node]) -> Iterator[Neighbour]:
    """The operator station and each node."""
    *others, operator = ((node.name, node.management.partition("/")[0]) for node in nodes)
    for one, (name, address) in ((operator, other) for other in others):
        yield Neighbour(one[0], "", "eth0", End(name, "eth0"), (address,))
        yield Neighbour(name, "", "eth0", End(one[0], "eth0"), (one[1],))


def _beyond_plan(fabric: Fabric, count: int) -> list[str]:
    """The last addresses of the management network: the operator station and the peers have none of their own."""
    network: IPv4Network = fabric.city.management.ipv4
    last = int(network.broadcast_address) - 1
    return [str(IPv4Interface((last - index, network.prefixlen))) for index in range(count)]


def _daemons(kind: Kind, backend: Backend) -> str:
    lines = [f"{daemon}=yes" for daemon in _DAEMONS[kind]]
    namespaces = " -n" if kind == "router" and backend == "netns" else ""
    lines += ["vtysh_enable=yes", f'zebra_options="-A 127.0.0.1 -s 90000000{namespaces}"']
    lines += [f'{daemon}_options="-A {"::1" if daemon == "ospf6d" else "127.0.0.1"}"' for daemon in _DAEMONS[kind]]
    return "\n".join([*lines, 'staticd_options="-A 127.0.0.1"']) + "\n"


def _routing(kind: Kind, text: str, backend: Backend) -> dict[str, str]:
    return {
        "/etc/frr/daemons": _daemons(kind, backend),
        "/etc/frr/vtysh.conf": "service integrated-vtysh-config\n",
        "/etc/frr/frr.conf": text,
    }


def sections(text: str) -> dict[str, str]:
    """A text in several files, each opened by a line `# ==> /path`."""
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in text.splitlines(keepends=True):
        if line.startswith(_SECTION):
            lines = found.setdefault(line[len(_SECTION) :].strip(), [])
        else:
            lines.append(line)
    return {path: "".join(body) for path, body in found.items()}


def _device(device: FabricDevice, configurations: Mapping[str, str] | None, backend: Backend) -> Node:
    kind = _KINDS[device.spec.platform]
    text = configurations[device.name] if configurations else ""
    bare = f"hostname {device.name}\nservice integrated-vtysh-config\n"
    if kind == "switch":
        files = {"/etc/sanso-lab/first-boot": _switch_commands(text)} if text else {}
    elif kind == "firewall":
        parts = sections(text)
        files = _routing(kind, parts.get("/etc/frr/frr.conf", bare), backend)
        files["/etc/nftables.conf"] = parts.get("/etc/nftables.conf", "")
    else:
        files = _routing(kind, text or bare, backend)
    return Node(device.name, kind, str(device.management), files)


def _switch_commands(text: str) -> str:
    """One transaction of every `ovs-vsctl` command in `text`, one a line."""
    commands = [shlex.split(line, comments=True) for line in text.splitlines()]
    words = [word for command in commands if command for word in ("--", *_arguments(command))]
    return shlex.join(["ovs-vsctl", "--no-wait", *words]) + "\n"


def _arguments(command: list[str]) -> list[str]:
    return command[1:] if command[0] == "ovs-vsctl" else command


def _host(host: Host) -> Node:
    return Node(
        host.name,
        "host",
        str(host.management),
        links=(
            f"address add {host.ipv4} dev eth1",
            f"address add {host.ipv6} dev eth1 nodad",
            f"route add default via {host.gateway4} dev eth1",
            f"route add ::/0 via {host.gateway6} dev eth1",
        ),
    )


def _operator(fabric: Fabric, management: str, book: str) -> Node:
    """The operator station. It plays the city's time source too, by the clock of the machine the lab runs on."""
    files = {"/etc/hosts": f"127.0.0.1 localhost\n{book}"}
    network, time = fabric.city.management.ipv4, fabric.city.management.time
    if time is None:
        return Node(OPERATOR, "operator", management, files)
    files["/etc/sanso-lab/time.conf"] = f"local stratum 2\nbindaddress {time}\nallow {network}\ncmdport 0\n"
    return Node(OPERATOR, "operator", management, files, (f"address add {time}/{network.prefixlen} dev eth0",))


def _peer(peer: PeerNode, management: str) -> Node:
    return Node(peer.name, "peer", management, _routing("peer", peer_configuration(peer), "netns"))
