"""What FRR tells: routes, BGP, OSPF and BFD neighbours of every VRF."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from ipaddress import ip_network
from typing import Any

from .base import beyond
from .beside import BESIDE, SCRIPTS, configuration
from .bgp import neighbor, neighbor_detail
from .kernel import links_of, objects
from .linux import LINKS, LinuxDriver
from .platforms import device_file, dialect
from .ssh import Output
from .tree import paths

CONFIG = "show running-config"
_DEVICES = "/sys/class/net/"
_PLACES = f"for vrf in $(ip -o link show type vrf 2>/dev/null | cut -d: -f2); do echo {_DEVICES}$vrf/lower_*; done"
"""Tells the kernel's own VRFs and their interfaces: FRR says that, and VRFs without a line, only of namespaces."""
RUNNING = f"vtysh -c '{CONFIG}'\ncode=$?\n{_PLACES}\nexit $code"
BGP = "show bgp vrf all neighbors json"
OSPF = ("show ip ospf vrf all neighbor json", "show ipv6 ospf6 vrf all neighbor json")
BFD = "show bfd peers json"
NEIGHBORS = (*OSPF, BFD, BGP)
ROUTES = ("show ip route vrf all summary", "show ipv6 route vrf all summary")
_DAEMONS = ("ospfd", "ospf6d", "bfdd", "bgpd")
"""Who answers each of `NEIGHBORS`."""
_PART = "\x1d"
_TOTALS = re.compile(r"^Route Source .*\(vrf (\S+)\)$|^Totals +\d+ +(\d+) *$", re.MULTILINE)
_OPENS = re.compile(r"^(?:vrf|interface|router) ", re.MULTILINE)
_PLACE = re.compile(rf"{_DEVICES}(\S+)/lower_(\S+)")
_TOLD_PLACES = re.compile(rf"^{_DEVICES}.*\n", re.MULTILINE)
_INTERFACE = re.compile(r"^interface (\S+)(?: vrf (\S+))?$", re.MULTILINE)
_CLOCK = re.compile(r"^(?:(?P<weeks>\d+)w)?(?:(?P<days>\d+)d)?(?:(?P<hours>\d+)h)?(?:(?P<minutes>\d+)m)?$")


class RoutingDriver(LinuxDriver):
    """Getters over `vtysh … json`."""

    def _descriptions(self) -> dict[str, str]:
        found = {}
        for path in paths(self._outputs(RUNNING)[0], dialect("frr")):
            if len(path) == 2 and path[0].startswith("interface ") and path[1].startswith("description "):  # noqa: PLR2004 a line in a context
                found[path[0].split()[1]] = path[1].removeprefix("description ")
        return found

    def get_route_to(
        self,
        destination: str = "",
        protocol: str = "",
        longer: bool = False,  # noqa: FBT001, FBT002 NAPALM's signature
    ) -> dict[str, list[dict[str, Any]]]:
        """Routes of every VRF: to a prefix exactly, with `longer` to what lies in it, to an address the best match."""
        commands = []
        for family in _families(destination):
            words = [f"show {family} route vrf all"]
            if destination and not longer:
                words.append(destination)
            commands.append(f"vtysh -c {shlex.quote(' '.join([*words, 'json']))}")
        within = ip_network(destination, strict=False) if destination and longer else None
        found: dict[str, list[dict[str, Any]]] = {}
        for text in self._outputs(*commands):
            for table in objects(text):
                for prefix, routes in table.items():
                    if within is not None and not ip_network(prefix).subnet_of(within):  # type: ignore[arg-type] # same family
                        continue
                    for route in routes:
                        if protocol.lower() in ("", route["protocol"]):
                            found.setdefault(prefix, []).extend(_route(route))
        return {prefix: found[prefix] for prefix in sorted(found)}

    def get_bgp_neighbors(self) -> dict[str, dict[str, Any]]:
        return _bgp_neighbors(*self._shown(BGP))

    def get_bgp_neighbors_detail(self, neighbor_address: str = "") -> dict[str, dict[int, list[dict[str, Any]]]]:
        found: dict[str, dict[int, list[dict[str, Any]]]] = {}
        for vrf, items in _bgp(*self._shown(BGP)):
            for address, item in items:
                if neighbor_address in ("", address):
                    by_as = found.setdefault(vrf, {})
                    by_as.setdefault(int(item["remoteAs"]), []).append(neighbor_detail(vrf, address, item))
        return found

    def _routing_of(self, text: str) -> str:
        """The part of a configuration that is FRR's."""
        return configuration(text)

    def _first_look(self, expected: str) -> tuple[tuple[str, ...], str]:
        # Else one vtysh for all, for starting it takes longer than asking does.
        ask = _look() if expected else f"{_PLACES}\n{_vtysh(CONFIG, *NEIGHBORS)}"
        asked = [ask if command == RUNNING else command for command in self.reading]
        if expected:
            asked.remove(BESIDE)  # the look tells it too
        return tuple(asked), self._routing_of(expected)

    def _seen(self, told: Sequence[Output], expected: str) -> tuple[str, dict[str, Any]]:
        place = self.reading.index(RUNNING)
        if expected and not any(output.code for output in told):
            *parts, beside = told[place].text.split(_PART)
            texts = [output.text for output in told]
            texts[place] = self._routing_of(expected)
            running = self._read_last = self._text(*texts, beside)
            return running, _neighbors(_vrfs(running), *(list(objects(part)) for part in parts))
        shown, end, rest = told[place].text.partition("\nend\n")
        parted = _apart(list(objects(rest))) if end else None
        if parted is None or any(output.code for output in told):  # a daemon is silent
            running = self._running()
            ospf2, ospf3, bfd, bgp = self._shown(*NEIGHBORS)
        else:
            texts = [output.text for output in told]
            texts[place] = shown
            running = self._read_last = self._text(*texts)
            ospf2, ospf3, bfd, bgp = parted
        return running, _neighbors(_vrfs(running), ospf2, ospf3, bfd, bgp)

    def _pulse(self) -> tuple[str, ...]:
        # One vtysh for all; it stops at the first daemon that does not run, and not every router runs all of them.
        asked = (
            f'if [ -S /run/frr/{daemon}.vty ]; then set -- "$@" -c {shlex.quote(show)}; fi'
            for daemon, show in zip(_DAEMONS, NEIGHBORS, strict=True)
        )
        return ("\n".join(["set --", *asked, f'{_vtysh(*ROUTES)} "$@"']),)

    def _felt(
        self, told: Sequence[str], places: Mapping[str, str]
    ) -> tuple[dict[str, Any], dict[tuple[str, int], int]]:
        totals = list(_TOTALS.finditer(told[0]))
        parted = _apart(list(objects(told[0][totals[-1].end() :]))) if totals else None
        ospf2, ospf3, bfd, bgp = parted or self._shown(*NEIGHBORS)  # the latter when a daemon has died
        return _neighbors(places, ospf2, ospf3, bfd, bgp), _routes(totals)

    def _shown(self, *shows: str) -> list[list[Any]]:
        """The JSON values each command prints: OSPFv3 prints one for each VRF."""
        return [list(objects(text)) for text in self._outputs(*map(_vtysh, shows))]

    @beyond
    def get_ospf_neighbors(self) -> list[dict[str, Any]]:
        """OSPFv2 and OSPFv3 neighbours of every VRF.

        Each is `{"vrf": str, "version": 2 | 3, "interface": str, "router_id": str, "address": str (OSPFv2; else ""),
        "state": "Full" | "Init" | …, "is_full": bool, "uptime": float (seconds since the last change, -1.0 unknown)}`.
        """
        ospf2, ospf3 = self._shown(*OSPF)
        return [*_ospf2(ospf2), *_ospf3(ospf3, _places(self._outputs(LINKS)[0]))]

    @beyond
    def get_bfd_neighbors(self) -> list[dict[str, Any]]:
        """BFD sessions of every VRF.

        Each is `{"vrf": str, "interface": str, "address": str, "local_address": str, "is_up": bool, "state": str,
        "uptime": int (seconds, -1 when down), "multiplier": int, "receive_ms": int, "transmit_ms": int}`, the last two
        as negotiated: detection time = `multiplier` x `receive_ms`.
        """
        return _bfd_neighbors(*self._shown(BFD))


def placed(shown: str) -> str:
    """What `RUNNING` prints as FRR alone prints it where VRFs are network namespaces: with each interface's VRF."""
    told = _PLACE.findall(shown)
    places = {name: f" vrf {vrf}" for vrf, name in told}
    text = _TOLD_PLACES.sub("", shown)
    text = _INTERFACE.sub(lambda line: line[0] if line[2] else line[0] + places.get(line[1], ""), text)
    silent = [vrf for vrf in dict.fromkeys(vrf for vrf, _ in told) if f"\nvrf {vrf}\n" not in text]
    first = _OPENS.search(text)
    at = first.start() if first else text.rfind("end\n")
    return text[:at] + "".join(f"vrf {vrf}\nexit-vrf\n!\n" for vrf in silent) + text[at:] if silent else text


@cache
def _look() -> str:
    """The command that has the device compare what it runs with its standard input, and tell its neighbours.

    Behind them it tells what stands beside its configuration.
    """
    frr = dialect("frr")
    patterns = ("\n".join(pattern.pattern for pattern in group) for group in (frr.ignored, frr.transparent))
    shows = (f"{daemon} {show}" for daemon, show in zip(_DAEMONS, NEIGHBORS, strict=True))
    return shlex.join(["perl", *SCRIPTS, "-e", device_file("vty").decode(), "look", *patterns, *shows])


def _vrfs(running: str) -> dict[str, str]:
    """Interface → VRF, as a configuration says."""
    return {name: vrf or "default" for name, vrf in _INTERFACE.findall(running)}


def _neighbors(
    places: Mapping[str, str], ospf2: list[Any], ospf3: list[Any], bfd: list[Any], bgp: list[Any]
) -> dict[str, Any]:
    """As in an `Observation`, from the values that each of `NEIGHBORS` prints; `places` as `_vrfs` gives them."""
    ospf = [*_ospf2(ospf2), *_ospf3(ospf3, places)]
    return {"ospf": ospf, "bfd": _bfd_neighbors(bfd), "bgp": _bgp_neighbors(bgp)}


def _apart(values: list[Any]) -> list[list[Any]] | None:
    """OSPFv2's, OSPFv3's, BFD's and BGP's values, printed in this order; None when BFD's, the only list, is missing."""
    at = next((place for place, value in enumerate(values) if isinstance(value, list)), None)
    if at is None:
        return None
    ospf3 = [value for value in values[:at] if isinstance(value.get("neighbors"), list)]
    ospf2 = [value for value in values[:at] if value not in ospf3]
    return [ospf2, ospf3, values[at : at + 1], values[at + 1 :]]


def _routes(totals: Iterable[re.Match[str]]) -> dict[tuple[str, int], int]:
    """Routes in the forwarding table by VRF and family: the summaries name each VRF twice, first for IPv4."""
    found: dict[tuple[str, int], int] = {}
    vrf = ""
    for match in totals:
        vrf = match[1] or vrf
        if match[2]:
            found[vrf, 6 if (vrf, 4) in found else 4] = int(match[2])
    return found


def _places(links: str) -> dict[str, str]:
    """Interface → VRF."""
    return {link.name: link.vrf for link in links_of(links)}


def _vtysh(*shows: str) -> str:
    return " ".join(["vtysh", *(f"-c {shlex.quote(show)}" for show in shows)])


def _families(destination: str) -> tuple[str, ...]:
    if not destination:
        return ("ip", "ipv6")
    return ("ipv6",) if ip_network(destination, strict=False).version == 6 else ("ip",)  # noqa: PLR2004 IPv6


def _route(route: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for hop in route.get("nexthops") or [{}]:
        active = bool(hop.get("fib"))
        yield {
            "protocol": route["protocol"],
            "current_active": bool(route.get("selected")),
            "last_active": bool(route.get("selected")),
            "age": seconds(route.get("uptime", "")),
            "next_hop": hop.get("ip", ""),
            "outgoing_interface": hop.get("interfaceName", ""),
            "selected_next_hop": active,
            "preference": int(route.get("distance", 0)),
            "inactive_reason": "" if active else "not in the forwarding table",
            "routing_table": route.get("vrfName", "default"),
            "protocol_attributes": {"metric": int(route.get("metric", 0)), "tag": int(route.get("tag", 0))},
        }


def seconds(text: str) -> int:
    """FRR's age: 00:01:30, 1d02h03m, 2w1d04h; -1 when it is none."""
    if text.count(":") == 2:  # noqa: PLR2004 hours, minutes, seconds
        hours, minutes, rest = (int(part) for part in text.split(":"))
        return hours * 3600 + minutes * 60 + rest
    match = _CLOCK.match(text) if text else None
    if match is None:
        return -1
    weeks, days, hours, minutes = (int(part or 0) for part in match.groups())
    return ((weeks * 7 + days) * 24 + hours) * 3600 + minutes * 60


def _bgp(replies: list[dict[str, Any]]) -> Iterator[tuple[str, list[tuple[str, dict[str, Any]]]]]:
    for vrf, data in (row for reply in replies for row in reply.items()):
        items = [(name, item) for name, item in data.items() if isinstance(item, dict)]
        yield "global" if vrf == "default" else vrf, items


def _bgp_neighbors(replies: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for vrf, items in _bgp(replies):
        router = next((str(item.get("localRouterId", "")) for _, item in items), "")
        found[vrf] = {"router_id": router, "peers": {address: neighbor(item) for address, item in items}}
    if found:
        found.setdefault("global", {"router_id": "", "peers": {}})
    return found


def _bfd_neighbors(replies: list[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    return [
        {
            "vrf": item.get("vrf", "default"),
            "interface": item.get("interface", ""),
            "address": item["peer"],
            "local_address": item.get("local", ""),
            "is_up": item["status"] == "up",
            "state": item["status"],
            "uptime": int(item.get("uptime", -1)),
            "multiplier": int(item.get("remote-detect-multiplier", 0)),
            "receive_ms": max(int(item["receive-interval"]), int(item.get("remote-transmit-interval", 0))),
            "transmit_ms": max(int(item["transmit-interval"]), int(item.get("remote-receive-interval", 0))),
        }
        for reply in replies
        for item in reply
    ]


def _ospf2(replies: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for vrf, data in (row for reply in replies for row in reply.items()):
        for router, items in data.get("neighbors", {}).items():
            for item in items:
                state = str(item.get("nbrState", item.get("state", ""))).split("/")[0]
                yield {
                    "vrf": vrf,
                    "version": 2,
                    "interface": str(item["ifaceName"]).split(":")[0],
                    "router_id": router,
                    "address": item.get("ifaceAddress", item.get("address", "")),
                    "state": state,
                    "is_full": state == "Full",
                    "uptime": float(item.get("upTimeInMsec", -1000)) / 1000,
                }


def _ospf3(replies: list[dict[str, Any]], places: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """FRR 8.4 does not say the VRF here: it is the interface's."""
    for item in (item for reply in replies for item in reply.get("neighbors", [])):
        yield {
            "vrf": places.get(item["interfaceName"], "default"),
            "version": 3,
            "interface": item["interfaceName"],
            "router_id": item["neighborId"],
            "address": "",
            "state": item["state"],
            "is_full": item["state"] == "Full",
            "uptime": float(seconds(item.get("duration", ""))),
        }
