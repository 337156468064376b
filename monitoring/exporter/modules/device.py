"""The module `device`: a network device's own word on its interfaces, neighbours and routes, by its NAPALM driver.

A neighbour or session the device has forgotten, as it does when a port loses its carrier, has no row: who judges has to
know which should be there. Sessions to devices stay open from scrape to scrape, for a login costs more than the
questions. A device that hangs costs one thread and one session, however often it is scraped.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from prometheus_client.metrics_core import Metric

from deploy.device import TroubleError, Vitals, connect
from deploy.fleet import Fleet
from inventory.text import Text
from monitoring.exporter.answer import LATE, Answer, Deadline, LateError, counter, gauge
from monitoring.exporter.errands import Errands
from monitoring.exporter.model import Login, Watched
from monitoring.exporter.reach import access_of, stations_of

_ASKING = Text("asking for interfaces, neighbours and routes", "インタフェース・隣接・経路の取得")
_AT_ONCE_S = 0.5


class DeviceModule:
    """The devices of a city."""

    def __init__(self, devices: Mapping[str, Watched], login: Login, errands: Errands) -> None:
        access = access_of(login)
        workers = ThreadPoolExecutor(len(devices), "device")  # no device waits for those that hang
        self._fleet = Fleet(stations_of(devices), lambda station: connect(station, access), executor=workers)
        self._errands = errands

    @property
    def targets(self) -> Collection[str]:
        return self._fleet.stations

    def close(self) -> None:
        self._fleet.__exit__(None, None, None)

    def probe(self, target: str, deadline: Deadline) -> Answer:
        try:
            found = self._errands.run(f"device {target}", lambda: self._ask(target, deadline), deadline)
        except LateError:
            return Answer((_up(up=False),), LATE)
        if isinstance(found, TroubleError):
            return Answer((_up(up=False),), found.what)
        return Answer((_up(up=True), *_rows(found)))

    def _ask(self, target: str, deadline: Deadline) -> Vitals | TroubleError:
        """Once more with a new session, when the one kept turns out at once to be closed: the device has rebooted."""
        before = deadline.left()
        found = self._look(target)
        if isinstance(found, TroubleError) and found.kind == "unreachable" and before - deadline.left() < _AT_ONCE_S:
            return self._look(target)
        return found

    def _look(self, target: str) -> Vitals | TroubleError:
        return self._fleet.each([target], _ASKING, lambda _name, driver: driver.get_vitals())[target]


def _up(*, up: bool) -> Metric:
    return gauge("sanso_device_up", "Whether the device answers on the management network.", [({}, up)])


def _rows(vitals: Vitals) -> Iterator[Metric]:
    links = vitals.interfaces
    yield gauge(
        "sanso_interface_up",
        "Whether an interface is enabled and has a carrier.",
        (({"interface": link.name, "vrf": link.vrf}, link.is_up) for link in links),
    )
    for name, told in _COUNTERS.items():
        yield counter(
            f"sanso_interface_{name}_total",
            told,
            (({"interface": link.name}, getattr(link, name)) for link in links),
        )
    yield from _neighbors(vitals.neighbors)
    yield gauge(
        "sanso_routes",
        "Routes in the forwarding table.",
        (({"vrf": vrf, "family": str(family)}, count) for (vrf, family), count in vitals.routes.items()),
    )


_COUNTERS = {
    "receive_bytes": "Bytes an interface has received.",
    "transmit_bytes": "Bytes an interface has sent.",
    "receive_errors": "Frames an interface received damaged.",
    "transmit_errors": "Frames an interface failed to send.",
}


def _neighbors(neighbors: Mapping[str, Any]) -> Iterator[Metric]:
    full: dict[tuple[str, str, str], bool] = {}
    for item in neighbors.get("ospf", ()):
        key = (item["interface"], item["vrf"], str(item["version"]))
        full[key] = full.get(key, True) and item["is_full"]
    yield gauge(
        "sanso_ospf_neighbor_full",
        "Whether every OSPF neighbour on an interface is Full.",
        (
            ({"interface": interface, "vrf": vrf, "version": version}, value)
            for (interface, vrf, version), value in full.items()
        ),
    )
    sessions = {(item["vrf"], item["interface"], item["address"]): item["is_up"] for item in neighbors.get("bfd", ())}
    yield gauge(
        "sanso_bfd_session_up",
        "Whether a BFD session is up.",
        (({"vrf": vrf, "interface": interface, "peer": peer}, up) for (vrf, interface, peer), up in sessions.items()),
    )
    yield gauge(
        "sanso_bgp_session_up",
        "Whether a BGP session is established.",
        (
            ({"vrf": "default" if vrf == "global" else vrf, "peer": peer}, item["is_up"])
            for vrf, table in neighbors.get("bgp", {}).items()
            for peer, item in table["peers"].items()
        ),
    )
