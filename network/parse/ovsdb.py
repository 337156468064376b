"""What an Open vSwitch database says, as the commands that would make it so.

Source: `ovs-vsctl --format=json list Bridge`, likewise `Port` and `Interface`. A setting that state cannot hold becomes
a command that `network.parse` does not understand, so that it is not lost.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from network.canonical import trailing_number
from network.render.openvswitch import command

Row = dict[str, Any]

_BRIDGE = (
    *("auto_attach", "controller", "external_ids", "fail_mode", "flood_vlans", "flow_tables", "ipfix"),
    *("mcast_snooping_enable", "mirrors", "netflow", "other_config", "protocols", "rstp_enable", "sflow", "stp_enable"),
)
_PORT = (
    *("bond_downdelay", "bond_fake_iface", "bond_mode", "bond_updelay", "cvlans", "external_ids", "fake_bridge"),
    *("lacp", "mac", "other_config", "protected", "qos"),
)
_INTERFACE = (
    *("bfd", "cfm_mpid", "external_ids", "ingress_policing_burst", "ingress_policing_kpkts_burst"),
    *("ingress_policing_kpkts_rate", "ingress_policing_rate", "lldp", "mac", "mtu_request", "ofport_request"),
    *("options", "other_config", "type"),
)
"""Columns that configure, of each table; an empty value is the default."""


def configuration_text(hostname: str, bridges: str, ports: str, interfaces: str) -> str:
    """The canonical text of a switch.

    Args:
        hostname: the switch's name.
        bridges: the table Bridge as JSON text.
        ports: the table Port likewise.
        interfaces: the table Interface likewise.

    Raises:
        ValueError: the text is not a table as ovs-vsctl prints it.
    """
    port_rows = {row["_uuid"]: row for row in _rows(ports)}
    interface_rows = {row["_uuid"]: row for row in _rows(interfaces)}
    lines = [f"# hostname {hostname}"]
    for bridge in sorted(_rows(bridges), key=lambda row: str(row["name"])):
        lines.extend(_bridge(bridge, port_rows, interface_rows))
    return "".join(f"{line}\n" for line in lines)


def _rows(text: str) -> list[Row]:
    try:
        table = json.loads(text)
        return [dict(zip(table["headings"], map(_plain, values), strict=True)) for values in table["data"]]
    except (LookupError, TypeError) as error:
        msg = "not a table as ovs-vsctl prints it"
        raise ValueError(msg) from error


def _plain(value: Any) -> Any:  # noqa: ANN401 a database column holds anything
    """An OVSDB value (RFC 7047, 5.1) as a string, number, list or dictionary."""
    match value:
        case ["set", [*items]]:
            return [_plain(item) for item in items]
        case ["map", [*pairs]]:
            return {str(_plain(key)): _plain(item) for key, item in pairs}
        case ["uuid", uuid]:
            return uuid
    return value


def _listed(value: Any) -> list[Any]:  # noqa: ANN401 likewise
    """A set of one is printed as its only member."""
    return value if isinstance(value, list) else [value]


def _bridge(bridge: Row, ports: dict[str, Row], interfaces: dict[str, Row]) -> Iterator[str]:
    name = bridge["name"]
    yield command("add-br", name)
    if bridge["datapath_type"] not in {"", "system"}:
        yield command("set", "bridge", name, f"datapath_type={bridge['datapath_type']}")
    yield from _others("bridge", bridge, _BRIDGE)
    for port in sorted((ports[uuid] for uuid in _listed(bridge["ports"])), key=_port_order):
        yield from _own_port(port) if port["name"] == name else _port(name, port)
        for uuid in _listed(port["interfaces"]):
            row = interfaces[uuid]
            own = row["name"] == name and row["type"] == "internal"
            normal = own or row["type"] in {"", "system"}
            yield from _others("interface", {**row, "type": "" if normal else row["type"]}, _INTERFACE)


def _port_order(port: Row) -> tuple[int, str]:
    return trailing_number(port["name"]), port["name"]


def _own_port(port: Row) -> Iterator[str]:
    """The port every bridge has under its own name: an access to all VLANs unless somebody set it otherwise."""
    yield from _others("port", port, (*_PORT, "tag", "trunks", "vlan_mode"))


def _port(bridge: str, port: Row) -> Iterator[str]:
    tags, trunks, modes = (_listed(port[column]) for column in ("tag", "trunks", "vlan_mode"))
    mode = modes[0] if modes else "access" if tags else "trunk"
    settings = [f"vlan_mode={mode}"]
    if tags:
        settings.append(f"tag={tags[0]}")
    if trunks:
        settings.append(f"trunks={','.join(map(str, sorted(trunks)))}")
    ids = dict(port["external_ids"])
    description = ids.pop("description", "")
    if description:
        settings.append(f"external_ids:description={json.dumps(description, ensure_ascii=False)}")
    yield command("add-port", bridge, port["name"], *settings)
    yield from _others("port", {**port, "external_ids": ids}, _PORT)
    if len(_listed(port["interfaces"])) > 1:
        yield command("set", "port", port["name"], "interfaces=several")


def _others(table: str, row: Row, columns: Iterable[str]) -> Iterator[str]:
    """A command for each column that is set; one that the listing left out is taken as not set."""
    for column in columns:
        value = row.get(column)
        if value:
            yield command("set", table, row["name"], f"{column}={json.dumps(value, ensure_ascii=False)}")
