"""What any Linux device tells: facts, interfaces, neighbours, load. Named network namespaces count as VRFs."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from .base import DeviceDriver, InterfaceVitals, Observation, Vitals, beyond
from .kernel import Link, links_of, objects, rows
from .ping import ping_command, ping_result, sweep_command
from .ssh import Output
from .transaction import IN_PEACE, STATUS

_EACH = 'for ns in "" $(ip netns list | cut -d" " -f1); do printf "%s\\t" "$ns"; ip ${ns:+-n "$ns"} '
LINKS = _EACH + "-json -details -statistics address || echo; done"
NEIGHBORS = {version: _EACH + f"-json -statistics -{version} neighbor || echo; done" for version in (4, 6)}
SPEEDS = (
    "cd /sys/class/net && grep -s . */speed; for ns in $(ip netns list | cut -d' ' -f1); do"
    " ip netns exec $ns sh -c 'cd /sys/class/net && grep -s . */speed'; done"
)
SYSTEM = (
    "hostname",
    "hostname --fqdn || hostname",
    "cat /proc/uptime",
    "cat /sys/class/dmi/id/product_serial || cat /etc/machine-id",
)
LOAD = (
    "grep '^cpu[0-9]' /proc/stat; sleep 0.2; echo; grep '^cpu[0-9]' /proc/stat",
    "cat /proc/meminfo",
    "cd /sys/class/thermal && grep -s . thermal_zone*/type thermal_zone*/temp",
)
LLDP = "lldpcli -f json0 show neighbors"
_KIB = 1024
_HOT, _TOO_HOT = 75.0, 90.0


class LinuxDriver(DeviceDriver):
    """Getters over `ip -json` and /proc; NAPALM's shapes and units."""

    def _descriptions(self) -> dict[str, str]:
        """Interface descriptions, where the platform has them."""
        return {}

    def _links(self) -> tuple[Link, ...]:
        return links_of(self._outputs(LINKS)[0])

    def get_facts(self) -> dict[str, Any]:
        hostname, fqdn, uptime, serial, version, links = self._outputs(*SYSTEM, self._facts.version, LINKS)
        return {
            "hostname": hostname.strip(),
            "fqdn": fqdn.strip(),
            "uptime": float((uptime.split() or ["-1"])[0]),
            "serial_number": serial.strip(),
            "vendor": self._facts.vendor,
            "model": self._facts.name,
            "os_version": version.strip(),
            "interface_list": [link.name for link in links_of(links)],
        }

    def get_interfaces(self) -> dict[str, dict[str, Any]]:
        links, speeds = self._outputs(LINKS, SPEEDS)
        fast = dict(line.strip().split("/speed:", 1) for line in speeds.splitlines() if "/speed:" in line)
        described = self._descriptions()
        return {
            link.name: {
                "is_up": link.up,
                "is_enabled": link.enabled,
                "description": described.get(link.name, str(link.data.get("ifalias", ""))),
                "last_flapped": -1.0,
                "speed": float(fast.get(link.name, -1)),
                "mtu": int(link.data["mtu"]),
                "mac_address": str(link.data.get("address", "")).upper(),
            }
            for link in links_of(links)
        }

    def get_interfaces_counters(self) -> dict[str, dict[str, int]]:
        return {link.name: _counters(link.data["stats64"]) for link in self._links()}

    def get_interfaces_ip(self) -> dict[str, dict[str, dict[str, dict[str, int]]]]:
        found: dict[str, dict[str, dict[str, dict[str, int]]]] = {}
        for link in self._links():
            for address in link.data.get("addr_info", ()):
                family = "ipv4" if address["family"] == "inet" else "ipv6"
                entry = {"prefix_length": int(address["prefixlen"])}
                found.setdefault(link.name, {}).setdefault(family, {})[address["local"]] = entry
        return found

    def get_arp_table(self, vrf: str = "") -> list[dict[str, Any]]:
        """Of one VRF ("default" is the main table), else of all."""
        return [{key: entry[key] for key in ("interface", "mac", "ip", "age")} for entry in self._neighbors(4, vrf)]

    def get_ipv6_neighbors_table(self) -> list[dict[str, Any]]:
        return list(self._neighbors(6, ""))

    def _neighbors(self, version: int, vrf: str) -> Iterator[dict[str, Any]]:
        links, neighbors = self._outputs(LINKS, NEIGHBORS[version])
        places = {link.name: link.vrf for link in links_of(links)}
        for space, items in rows(neighbors):
            for item in items:
                place = space or places.get(item["dev"], "default")
                if "lladdr" in item and vrf in ("", place):
                    yield {
                        "interface": item["dev"],
                        "mac": str(item["lladdr"]).upper(),
                        "ip": item["dst"],
                        "age": float(item.get("updated", -1)),
                        "state": item["state"][0] if item.get("state") else "",
                    }

    def get_network_instances(self, name: str = "") -> dict[str, dict[str, Any]]:
        links = self._links()
        vrfs = dict.fromkeys(["default", *(link.vrf for link in links)])
        return {
            vrf: {
                "name": vrf,
                "type": "DEFAULT_INSTANCE" if vrf == "default" else "L3VRF",
                "state": {"route_distinguisher": ""},
                "interfaces": {"interface": {link.name: {} for link in links if link.vrf == vrf and not link.is_vrf}},
            }
            for vrf in vrfs
            if name in ("", vrf)
        }

    def get_lldp_neighbors(self) -> dict[str, list[dict[str, str]]]:
        """Empty where no lldpd runs."""
        found: dict[str, list[dict[str, str]]] = {}
        for reply in objects(self._outputs(LLDP)[0]):
            for part in reply.get("lldp", []):
                for item in part.get("interface", []):
                    chassis, port = item["chassis"][0], item["port"][0]
                    name = (chassis.get("name") or chassis["id"])[0]["value"]
                    label = port["descr" if port["id"][0]["type"] == "mac" and "descr" in port else "id"][0]["value"]
                    entry = {"hostname": name, "port": label}
                    found.setdefault(item["name"], []).append(entry)
        return found

    def get_environment(self) -> dict[str, Any]:
        """`memory` in bytes, `cpu` in percent over 0.2 s; fans and power are not known to Linux alone."""
        stat, meminfo, thermal = self._outputs(*LOAD)
        memory = {line.split(":")[0]: int(line.split()[1]) * _KIB for line in meminfo.splitlines() if ":" in line}
        total = memory.get("MemTotal", 0)
        before, _, after = stat.partition("\n\n")
        busy = zip(before.splitlines(), after.splitlines(), strict=False)
        return {
            "fans": {},
            "power": {},
            "temperature": temperatures(thermal),
            "cpu": {number: {"%usage": _usage(old, new)} for number, (old, new) in enumerate(busy)},
            "memory": {"available_ram": total, "used_ram": total - memory.get("MemAvailable", total)},
        }

    def ping(  # noqa: PLR0913, PLR0917 NAPALM's signature
        self,
        destination: str,
        source: str = "",
        ttl: int = 255,
        timeout: int = 2,
        size: int = 100,
        count: int = 5,
        vrf: str = "",
        source_interface: str = "",
    ) -> dict[str, Any]:
        """`vrf` may be a kernel VRF or a named network namespace; "" and "default" are the main table."""
        command = ping_command(
            destination, source_interface or source, ttl=ttl, timeout=timeout, size=size, count=count
        )
        return ping_result(self._outputs(f"({_within(vrf, command)}) 2>&1")[0])

    @beyond
    def answering(self, destinations: Mapping[str, Iterable[str]]) -> dict[str, frozenset[str]]:
        """VRF (as in `ping`) → addresses, and of these back those that answer a ping within a second."""
        return _answering(destinations, self._outputs(*_sweeps(destinations)) if destinations else ())

    @beyond
    def observe(self, destinations: Mapping[str, Iterable[str]], expected: str = "") -> Observation:
        """All that a change wants to know of the device, in one round trip; `destinations` as in `answering`.

        Where the device finds by itself that it runs `expected`, as sets of lines in their contexts, that is taken for
        what runs: it is quicker than reading it.

        Raises:
            CommandError: the running configuration cannot be read.
        """
        first, stdin = self._first_look(expected)
        asked = (f"{{ {STATUS}; }} </dev/null", *first, *_sweeps(destinations))
        status, *told = self._connected().outputs(asked, stdin.encode(), IN_PEACE)
        running, neighbors = self._seen(told[: len(first)], expected)
        answering = _answering(destinations, (answer.text for answer in told[len(first) :]))
        return Observation(running, self._guard().kept(status), neighbors, answering)

    @beyond
    def get_vitals(self) -> Vitals:
        """Interfaces, neighbours and routes, in one round trip: what the getters for each tell, for a watch."""
        links, *told = self._outputs(LINKS, *self._pulse())
        places = {link.name: link.vrf for link in links_of(links)}
        neighbors, routes = self._felt(told, places)
        return Vitals(tuple(map(_interface, links_of(links))), neighbors, routes)

    def _pulse(self) -> tuple[str, ...]:
        """The further commands `get_vitals` gives."""
        return ()

    def _felt(
        self, told: Sequence[str], places: Mapping[str, str]
    ) -> tuple[dict[str, Any], dict[tuple[str, int], int]]:
        """Neighbours and routes, from what they told; `places` says the VRF of each interface."""
        del told, places
        return {}, {}

    def _first_look(self, expected: str) -> tuple[tuple[str, ...], str]:
        """The commands of `reading`, as `observe` gives them, and their standard input."""
        del expected
        return self.reading, ""

    def _seen(self, told: Sequence[Output], expected: str) -> tuple[str, dict[str, Any]]:
        """The running configuration and the neighbours, from what the first look told; read again where that failed."""
        del expected
        if any(output.code for output in told):
            return self._running(), {}
        self._read_last = self._text(*(output.text for output in told))
        return self._read_last, {}

    def cli(self, commands: list[str], encoding: str = "text") -> dict[str, str]:
        """Shell commands of the device."""
        if encoding != "text":
            msg = f"{encoding} is not a supported encoding"
            raise NotImplementedError(msg)
        return dict(zip(commands, self._outputs(*(f"({command}) 2>&1" for command in commands)), strict=True))


def _counters(stats: dict[str, dict[str, int]]) -> dict[str, int]:
    """Linux counts multicast on receipt only and broadcast not at all: -1 is "not known"."""
    receive, send = stats["rx"], stats["tx"]
    multicast = receive.get("multicast", 0)
    return {
        "rx_octets": receive["bytes"],
        "tx_octets": send["bytes"],
        "rx_unicast_packets": receive["packets"] - multicast,
        "tx_unicast_packets": send["packets"],
        "rx_multicast_packets": multicast,
        "tx_multicast_packets": -1,
        "rx_broadcast_packets": -1,
        "tx_broadcast_packets": -1,
        "rx_errors": receive["errors"],
        "tx_errors": send["errors"],
        "rx_discards": receive["dropped"],
        "tx_discards": send["dropped"],
    }


def _interface(link: Link) -> InterfaceVitals:
    receive, send = link.data["stats64"]["rx"], link.data["stats64"]["tx"]
    return InterfaceVitals(
        link.name, link.vrf, link.up, receive["bytes"], send["bytes"], receive["errors"], send["errors"]
    )


def _usage(before: str, after: str) -> float:
    """Percent of the time between two lines of /proc/stat that was neither idle nor waiting for a disk."""
    old, new = ([int(word) for word in line.split()[1:]] for line in (before, after))
    spent = [late - early for early, late in zip(old, new, strict=True)]
    whole = sum(spent)
    return round(100 * (whole - spent[3] - spent[4]) / whole, 1) if whole else 0.0


def _sweeps(destinations: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """For each VRF the command that prints which addresses answer."""
    return tuple(_within(vrf, f"sh -c {shlex.quote(sweep_command(wanted))}") for vrf, wanted in destinations.items())


def _answering(destinations: Iterable[str], answers: Iterable[str]) -> dict[str, frozenset[str]]:
    return {vrf: frozenset(answer.split()) for vrf, answer in zip(destinations, answers, strict=True)}


def _within(vrf: str, command: str) -> str:
    """The command, run in a VRF: a kernel VRF or a named network namespace."""
    if vrf in ("", "default"):
        return command
    name = shlex.quote(vrf)
    return f"if [ -e /run/netns/{name} ]; then kind=netns; else kind=vrf; fi; ip $kind exec {name} {command}"


def temperatures(thermal: str) -> dict[str, dict[str, Any]]:
    """Degrees Celsius by zone, from lines `ZONE/type:NAME` and `ZONE/temp:MILLIDEGREES`."""
    values: dict[str, dict[str, str]] = {}
    for line in thermal.splitlines():
        place, _, value = line.partition(":")
        zone, _, field = place.partition("/")
        values.setdefault(zone, {})[field] = value
    return {
        f"{zone} {item.get('type', '')}".strip(): {
            "temperature": celsius,
            "is_alert": celsius >= _HOT,
            "is_critical": celsius >= _TOO_HOT,
        }
        for zone, item in values.items()
        if "temp" in item
        for celsius in [int(item["temp"]) / 1000]
    }
