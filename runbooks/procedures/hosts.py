"""The inventory a playbook is given: its groups from the parameters, each host with how it is reached."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from network.access import Access
from network.fabric import Fabric
from runbooks.procedures.model import Runbook

_ANSWER_S = 3.0


@dataclass(frozen=True, slots=True)
class Hosts:
    """Ansible's inventory as JSON, the hosts in it, and those left out because they do not answer."""

    inventory: Mapping[str, Any]
    present: tuple[str, ...]
    absent: tuple[str, ...]


def hosts_of(runbook: Runbook, values: Mapping[str, str], fabric: Fabric, access: Access) -> Hosts:
    """Every server and site among the parameters as a group; every parameter as a variable."""
    groups: dict[str, dict[str, Any]] = {}
    absent = []
    for name, parameter in runbook.parameters.items():
        value, group = values[name], variable(name)
        if parameter.type == "server":
            if parameter.may_be_absent and not _answers(str(fabric.hosts[value].management.ip), access.port):
                absent.append(value)
                groups[group] = {"hosts": {}}
                continue
            groups[group] = {"hosts": {value: _server(fabric, value, access)}}
        elif parameter.type == "site":
            groups[group] = {"hosts": dict(_routers(fabric, value, access))}
    present = tuple(dict.fromkeys(host for group in groups.values() for host in group["hosts"]))
    variables: dict[str, Any] = {variable(name): value for name, value in values.items()}
    variables["absent"] = absent
    for name, parameter in runbook.parameters.items():
        if parameter.type == "workload":
            promised = fabric.city.workloads[values[name]].recovery
            variables[f"{variable(name)}_lossless"] = promised.rpo_hours == 0
    return Hosts({"all": {"vars": variables, "children": groups}}, present, tuple(absent))


def variable(name: str) -> str:
    """A parameter's name as ansible writes names."""
    return name.replace("-", "_")


def _answers(address: str, port: int) -> bool:
    try:
        with socket.create_connection((address, port), _ANSWER_S):
            return True
    except OSError:
        return False


def _server(fabric: Fabric, name: str, access: Access) -> dict[str, Any]:
    host = fabric.hosts[name]
    options = ["StrictHostKeyChecking=yes"]
    if access.known_hosts is not None:
        options.append(f"UserKnownHostsFile={access.known_hosts}")
    found: dict[str, Any] = {
        "ansible_host": str(host.management.ip),
        "ansible_port": access.port,
        "ansible_user": access.user,
        "ansible_ssh_common_args": " ".join(f"-o {option}" for option in options),
        "sanso_ipv4": str(host.ipv4.ip),
        "sanso_ipv6": str(host.ipv6.ip),
    }
    if access.key is not None:
        found["ansible_ssh_private_key_file"] = str(access.key)
        found["ansible_ssh_common_args"] += " -o IdentitiesOnly=yes"
    return found


def _routers(fabric: Fabric, site: str, access: Access) -> Iterator[tuple[str, dict[str, Any]]]:
    """The routers at both ends of the site's circuits, with the interfaces on them and their costs as intended.

    They are spoken to by our own driver, from here: see `library/modules/sanso_costs.py`.
    """
    costs: dict[str, dict[str, int]] = {}
    for transit in fabric.transits:
        ends = (transit.a, transit.b)
        sites = {fabric.devices[end.device].site for end in ends}
        if site in sites and len(sites) > 1:
            for end in ends:
                if fabric.devices[end.device].spec.platform == "frr":
                    costs.setdefault(end.device, {})[end.interface] = transit.cost
    for device, interfaces in costs.items():
        yield (
            device,
            {
                "ansible_connection": "local",
                "ansible_python_interpreter": sys.executable,
                "sanso_device": {
                    "platform": fabric.devices[device].spec.platform,
                    "address": str(fabric.devices[device].management.ip),
                    "user": access.user,
                    "port": access.port,
                    "key": str(access.key) if access.key else "",
                    "known_hosts": str(access.known_hosts) if access.known_hosts else "",
                },
                "sanso_costs": interfaces,
            },
        )
