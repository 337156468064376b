"""The module `drift`: how far each device is from what the inventory intends, as `sanso drift` counts it.

The inventory is read again at every scrape, so that an approved row that expires, or a changed file, counts at once.
A device that does not answer has no row, and the probe does not succeed. Servers are not compared here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping

from deploy.device import Driver, TroubleError, connect
from deploy.drift import drift
from deploy.fleet import Fleet, split
from deploy.planning import Survey
from inventory.errors import SansoError
from inventory.loader import load_city
from inventory.text import Text
from monitoring.exporter.answer import LATE, Answer, Deadline, LateError, gauge
from monitoring.exporter.errands import Errands
from monitoring.exporter.model import Drift, Login, Watched
from monitoring.exporter.reach import access_of, stations_of
from network.build import build_fabric
from network.canonical import canonical
from network.compile import compile_fabric
from network.parse import parse

_READING = Text("reading configurations", "設定の読み取り")
_Found = tuple[dict[str, int], dict[str, TroubleError]]


class DriftModule:
    """One city."""

    def __init__(self, city: str, where: Drift, devices: Mapping[str, Watched], login: Login, errands: Errands) -> None:
        access = access_of(login)
        self._city = city
        self._where = where.city
        self._fleet = Fleet(stations_of(devices), lambda station: connect(station, access))
        self._errands = errands

    @property
    def targets(self) -> Collection[str]:
        return (self._city,)

    def close(self) -> None:
        self._fleet.__exit__(None, None, None)

    def probe(self, target: str, deadline: Deadline) -> Answer:
        try:
            counts, silent = self._errands.run(f"drift {target}", self._compare, deadline)
        except LateError:
            return Answer((), LATE)
        except SansoError as error:
            return Answer((), error.what)
        row = gauge(
            "sanso_drift_differences",
            "What would have to be changed on a device to bring it back to the inventory.",
            (({"device": name}, count) for name, count in counts.items()),
        )
        return Answer((row,), next(iter(silent.values())).what if silent else None)

    def _compare(self) -> _Found:
        today = dt.datetime.now().astimezone().date()
        fabric = build_fabric(load_city(self._where, today))
        intended = {name: canonical(state) for name, state in compile_fabric(fabric, today).items()}
        names = [name for name in self._fleet.stations if name in intended]
        texts, silent = split(self._fleet.each(names, _READING, _running))
        parsed = {name: parse(fabric.devices[name].spec.platform, name, text) for name, text in texts.items()}
        drifted = drift(Survey(fabric, intended, texts, parsed, servers={}, serving={}))
        return {name: len(drifted.get(name, ())) for name in texts}, silent


def _running(_name: str, driver: Driver) -> str:
    return driver.get_config("running")["running"]
