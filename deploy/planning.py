"""Make a plan: what the city intends, beside what every device runs."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from importlib.metadata import PackageNotFoundError, version

from deploy.assurance import assure
from deploy.device import Driver, Station
from deploy.difference import Difference, differences
from deploy.expectations import expected
from deploy.fleet import Fleet, FleetError, split
from deploy.plan import Change, DevicePlan, Login, Plan, digest
from deploy.servers.compile import PLATFORM, server_texts
from deploy.servers.difference import server_checks, server_differences
from deploy.servers.text import ServerText, dump
from deploy.target import Target
from inventory.errors import SansoError
from inventory.model import City
from inventory.text import Text
from network.build import build_fabric
from network.canonical import canonical
from network.compile import compile_fabric
from network.fabric import Fabric
from network.parse import beside_section, parse
from network.render import render
from network.state import DeviceState, Parsed

_WHOLE = Text(
    "A plan is proved for the whole city, so every device has to answer: bring them back first.",
    "計画は市全体について証明するため、全機器の応答が必要です。先に復旧させてください。",
)
_SOME = Text("Leave them out with --only, or bring them back first.", "--only で対象を絞るか、先に復旧させてください。")

FleetOf = Callable[[list[Station]], AbstractContextManager[Fleet]]


@dataclass(frozen=True)
class Survey:
    """A city beside its devices: the intended state of every device, the running text and state of those read.

    `servers` is what every server is to run, `serving` what those that were read do run.
    """

    fabric: Fabric
    intended: Mapping[str, DeviceState]
    running: Mapping[str, str]
    parsed: Mapping[str, Parsed]
    servers: Mapping[str, str] = field(default_factory=dict)
    serving: Mapping[str, str] = field(default_factory=dict)

    def differences(self, name: str) -> tuple[Difference, ...]:
        if name in self.serving:
            return server_differences(self.serving[name], self.servers[name], self.fabric.hosts[name].origin)
        return differences(self.parsed[name], self.intended[name])


def survey(  # noqa: PLR0913 what a survey may be asked for
    city: City,
    fleet_of: FleetOf,
    only: Collection[str],
    on: dt.date,
    *,
    whole: bool = False,
    servers: bool = False,
    once_served: Callable[[Collection[str]], Collection[str]] = lambda _names: (),
) -> Survey:
    """Compile a city for the day `on` and read every device (or `only` some); FleetError names all that fail.

    `whole`: read every network device all the same, since what is asked about some depends on all. `servers`: read the
    servers too (of `only`, where some are named). `once_served`: which of some servers that have no service any more
    still have what an earlier change brought: they are to run nothing.
    """
    fabric = build_fabric(city)
    texts = {name: dump(text) for name, text in server_texts(fabric).items()}
    if servers:
        idle = [name for name, host in fabric.hosts.items() if host.kind == "server" and name not in texts]
        texts |= {name: dump(ServerText(name)) for name in once_served(idle)}
    unknown = [name for name in only if name not in fabric.devices and not (servers and name in texts)]
    if unknown:
        raise SansoError(
            Text(
                f"The city has no device {', '.join(unknown)}.",
                f"機器 {', '.join(unknown)} はインベントリにありません。",
            ),
            Text(
                f"Its devices: {', '.join((*fabric.devices, *texts))}",
                f"登録されている機器: {', '.join((*fabric.devices, *texts))}",
            ),
        )
    states = {name: canonical(state) for name, state in compile_fabric(fabric, on).items()}
    names = [name for name in fabric.devices if whole or not only or name in only]
    stations = [
        Station(name, fabric.devices[name].spec.platform, str(fabric.devices[name].management.ip)) for name in names
    ]
    stations += [
        Station(name, PLATFORM, str(fabric.hosts[name].management.ip), (text,))
        for name, text in texts.items()
        if servers and (not only or name in only)
    ]
    names = [station.name for station in stations]
    with fleet_of(stations) as fleet:
        results = fleet.each(names, Text("reading configurations", "設定の読み取り"), _read)
    found, bad = split(results)
    if bad:
        raise FleetError(
            Text(
                f"{len(bad)} of {len(names)} devices could not be read:",
                f"{len(names)} 台中 {len(bad)} 台の設定を読み取れません:",
            ),
            bad,
            _WHOLE if whole and any(name in fabric.devices for name in bad) else _SOME,
        )
    running = {name: text for name, text in found.items() if name in fabric.devices}
    parsed = {name: parse(fabric.devices[name].spec.platform, name, text) for name, text in running.items()}
    serving = {name: text for name, text in found.items() if name not in running}
    return Survey(fabric, states, running, parsed, texts, serving)


def make_plan(found: Survey, target: Target, author: str, on: dt.date, only: Collection[str] = ()) -> Plan:
    """The plan that makes every device (or `only` some) run what the city intends on the day `on`, with its proof.

    All devices were surveyed: the proof is about the whole city, with those that are left out as they run now.
    """
    fabric = found.fabric
    devices = {name: _device_plan(found, name) for name in found.running if not only or name in only}
    changed = [name for name, device in devices.items() if device.changes]
    servers = {name: _server_plan(found, name) for name in found.serving}
    return Plan(
        format=2,
        id=secrets.token_hex(6),
        tool=tool_version(),
        created=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        author=author,
        target=target.label,
        login=Login(
            user=target.access.user,
            key=str(target.access.key) if target.access.key else None,
            known_hosts=str(target.access.known_hosts) if target.access.known_hosts else None,
            port=target.access.port,
        ),
        city=fabric.city.name,
        city_hash=digest(fabric.city.model_dump_json(by_alias=True)),
        devices={**devices, **servers},
        checks=(
            *expected(
                {name: found.parsed[name].state for name in devices},
                found.intended,
                asked=list(devices),
                changed=changed,
            ),
            *server_checks({name: (found.serving[name], found.servers[name]) for name in servers}),
        ),
        proof=assure(fabric, on, found.intended, found.parsed, {name: devices[name].candidate for name in changed}),
    )


def tool_version() -> str:
    """The installed version of sanso."""
    try:
        return version("sanso")
    except PackageNotFoundError:
        return "source"


def _read(_name: str, driver: Driver) -> str:
    return driver.get_config("running")["running"]


def _server_plan(found: Survey, name: str) -> DevicePlan:
    running, candidate = found.serving[name], found.servers[name]
    return DevicePlan(
        platform="debian",
        address=str(found.fabric.hosts[name].management.ip),
        running=running,
        running_hash=digest(running),
        candidate=candidate,
        candidate_hash=digest(candidate),
        changes=_changes(found.differences(name)),
        unknown=(),
    )


def _changes(items: Iterable[Difference]) -> tuple[Change, ...]:
    return tuple(Change(sign=item.sign, en=item.what.en, ja=item.what.ja, origin=str(item.origin)) for item in items)


def _device_plan(found: Survey, name: str) -> DevicePlan:
    """What stands beside the configuration stays, for no commit takes it away: the candidate has it too."""
    device, parsed, running = found.fabric.devices[name], found.parsed[name], found.running[name]
    unknown = tuple(line for line in parsed.unknown if not line.beside)
    candidate = render(found.intended[name]) + beside_section(running)
    return DevicePlan(
        platform=device.spec.platform,
        address=str(device.management.ip),
        running=running,
        running_hash=digest(running),
        candidate=candidate,
        candidate_hash=digest(candidate),
        changes=_changes(differences(replace(parsed, unknown=unknown), found.intended[name])),
        unknown=tuple(line.text for line in unknown),
    )
