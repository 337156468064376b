"""A simulation of a fleet and of the journal's store, in memory, under a clock of its own.

It keeps to what `deploy.device.Driver` promises of a device: a commit keeps a snapshot under a change's name, goes
back by its own timer unless confirmed, and a boot undoes what was not confirmed. Every driver call and every journal
write is a *point*: before and after it the program can be killed, the device cut off, a call refused. So every
interleaving of a change and its recovery can be walked through, which no set of real devices allows.
"""

# ruff: noqa: ANN401, ARG002, EM101, TRY003 it takes the driver's signatures, and speaks to nobody

from __future__ import annotations

import copy
import datetime as dt
import itertools
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from typing import Any

from napalm.base.exceptions import CommitError, ConnectionException

from deploy.approval import begin
from deploy.assurance import Assurance
from deploy.chain import GENESIS, Row, link
from deploy.checks import Check
from deploy.device import Station
from deploy.fleet import Fleet
from deploy.journal import Journal, JournalError, OvertakenError
from deploy.plan import Change, DevicePlan, Login, Plan, digest, plan_bytes
from deploy.record import Record, progress
from deploy.recover import recover
from deploy.target import Target
from deploy.transaction import Outcome, Timing, Transaction
from inventory.text import Text
from network.access import Access

OLD, NEW, HALF = (f"vrf {name}\nexit-vrf\n" for name in ("old", "new", "half"))
PROVED = Assurance(
    day=dt.date(2026, 11, 20), result={"separation": "proved", "service": "proved", "resilience": "proved"},
    way="proved", findings=(), today=(), waivers={}, terms={},
)  # fmt: skip
TARGET = Target("city", Access("sanso"), None)  # type: ignore[arg-type]
APPLY_S = Timing().revert_s(3)


class Kill(BaseException):
    """SIGKILL: nothing in the program may handle it."""


@dataclass
class Snapshot:
    change: str
    text: str
    deadline: float
    confirmed: bool = False


@dataclass(frozen=True)
class Observation:
    running: str
    pending: Snapshot | None
    neighbors: Mapping[str, Any]
    answering: Mapping[str, frozenset[str]]
    serving: frozenset[str]


@dataclass
class Device:
    running: str = OLD
    startup: str = OLD
    candidate: str | None = None
    snapshot: Snapshot | None = None
    cut: bool = False
    base: str = ""
    """What ran when the candidate was staged."""
    healthy: bool = True
    """Whether its checks are green while it runs the new configuration."""

    def tick(self, now: float) -> None:
        if self.snapshot and not self.snapshot.confirmed and now >= self.snapshot.deadline:
            self.running, self.snapshot = self.snapshot.text, None


@dataclass
class Fault:
    """At the `nth` call of `method`: "cut" (for good) or "blip" (once) before or after it took effect, or "refuse"."""

    device: str
    method: str
    nth: int
    mode: str


@dataclass
class World:
    devices: dict[str, Device]
    now: float = 0.0
    rows: list[Row] = field(default_factory=list)
    plans: dict[str, bytes] = field(default_factory=dict)
    points: int = 0
    kill_at: int | None = None
    fault: Fault | None = None
    calls: dict[tuple[str, str], int] = field(default_factory=dict)
    journal_full_at: int | None = None
    appends: int = 0
    late: Callable[[], None] | None = None
    late_kill: bool = False
    trace: list[str] = field(default_factory=list)

    def clone(self) -> World:
        fresh = copy.copy(self)
        fresh.devices = copy.deepcopy(self.devices)
        fresh.rows, fresh.plans = list(self.rows), dict(self.plans)
        fresh.points, fresh.kill_at, fresh.calls, fresh.trace, fresh.late = 0, None, {}, [], None
        return fresh

    def point(self, name: str) -> None:
        self.trace.append(name)
        if self.points == self.kill_at:
            raise Kill(name)
        self.points += 1

    def advance(self, seconds: float) -> None:
        self.now += seconds
        for device in self.devices.values():
            device.tick(self.now)

    def running(self) -> set[str]:
        return {device.running for device in self.devices.values()}

    def key(self) -> tuple[object, ...]:
        """What the world's future depends on: the devices, and how far the journal is; times relative to now."""
        places = tuple(
            (
                device.running, device.startup, device.cut, device.healthy,
                device.snapshot and (device.snapshot.change, device.snapshot.text, device.snapshot.confirmed),
            )
            for device in self.devices.values()
        )  # fmt: skip
        told = progress([row for row in self.rows if row.change]) if any(row.change for row in self.rows) else None
        return places, told and (told.committed, told.decided, told.settled, told.ended)


class SimulatedDriver:
    """One session to a simulated device."""

    def __init__(self, world: World, name: str) -> None:
        self.world = world
        self.name = name
        self.device = world.devices[name]

    def _call(self, method: str, effect: Callable[[], Any]) -> Any:
        world, device = self.world, self.device
        if world.late_kill and world.points == world.kill_at:
            world.late = effect
        world.point(f"{self.name}.{method} before")
        count = world.calls[self.name, method] = world.calls.get((self.name, method), -1) + 1
        fault = world.fault
        hit = fault is not None and (fault.device, fault.method, fault.nth) == (self.name, method, count)
        mode = fault.mode if fault is not None and hit else ""
        if mode == "cut-before":
            device.cut = True
        if device.cut or mode == "blip-before":
            raise ConnectionException("no answer")
        if mode == "refuse":
            raise CommitError("No space left on device")
        if mode == "half":
            effect()
            device.running, device.cut = HALF, True
            raise ConnectionException("session lost")
        device.tick(world.now)
        result = effect()
        if mode == "cut-after":
            device.cut = True
        if mode in {"cut-after", "blip-after"}:
            raise ConnectionException("session lost")
        world.point(f"{self.name}.{method} after")
        return result

    def open(self) -> None:
        if self.device.cut:
            raise ConnectionException("no answer")

    def close(self) -> None:
        pass

    def get_config(self, retrieve: str = "all") -> Mapping[str, str]:
        return self._call("get_config", lambda: {"running": self.device.running, "startup": self.device.startup})

    def load_replace_candidate(self, filename: str | None = None, config: str | None = None) -> None:
        def effect() -> None:
            self.device.candidate, self.device.base = config, self.device.running

        self._call("load_replace_candidate", effect)

    def load_over(self, running: str, config: str) -> None:
        def effect() -> None:
            self.device.candidate, self.device.base = config, running

        self._call("load_over", effect)

    def compare_config(self) -> str:
        device = self.device
        return self._call("compare_config", lambda: "" if device.candidate in {None, device.running} else "-a\n+b\n")

    def discard_config(self) -> None:
        def effect() -> None:
            self.device.candidate = None

        self._call("discard_config", effect)

    def commit_config(self, message: str = "", revert_in: int | None = None) -> None:
        deadline = self.world.now + (revert_in or 0)

        def effect() -> None:
            device = self.device
            if device.snapshot is not None and not device.snapshot.confirmed:
                raise CommitError("a commit is pending")
            if device.candidate is None:
                raise CommitError("nothing is staged")
            if device.base != device.running:
                raise CommitError("something else runs")
            device.snapshot = Snapshot(message, device.running, deadline)
            device.running, device.candidate = device.candidate, None

        self._call("commit_config", effect)

    def confirm_commit(self) -> None:
        def effect() -> None:
            if self.device.snapshot is None or self.device.snapshot.confirmed:
                raise CommitError("nothing is pending")
            self.device.snapshot.confirmed = True
            self.device.startup = self.device.running

        self._call("confirm_commit", effect)

    def rollback(self) -> None:
        def effect() -> None:
            if self.device.snapshot is None:
                raise CommitError("no snapshot")
            self.device.running = self.device.startup = self.device.snapshot.text
            self.device.snapshot = None

        self._call("rollback", effect)

    def pending_commit(self) -> Snapshot | None:
        return self._call("pending_commit", lambda: copy.copy(self.device.snapshot))

    def close_change(self, change: str) -> None:
        def effect() -> None:
            if self.device.snapshot is not None and self.device.snapshot.change == change:
                self.device.snapshot = None

        self._call("close_change", effect)

    def observe(self, destinations: Mapping[str, Iterable[str]], expected: str = "") -> Observation:
        def effect() -> Observation:
            well = self.device.running == OLD or self.device.healthy
            answering = {vrf: frozenset(found if well else ()) for vrf, found in destinations.items()}
            return Observation(self.device.running, copy.copy(self.device.snapshot), {}, answering, frozenset())

        return self._call("observe", effect)


class InMemoryJournal(Journal):
    """The journal's rows in a list; the chain and the fence are those of the real one."""

    def __init__(self, world: World) -> None:
        self.world = world

    def append(self, change: str, step: str, body: Mapping[str, Any], *, after: int | None = None) -> Row:
        world = self.world
        world.point(f"journal {step} before")
        world.appends += 1
        if world.journal_full_at is not None and world.appends > world.journal_full_at:
            raise JournalError(Text("Journal: its disk is full.", "変更記録: ディスクの空きがありません。"))
        if after is not None and max((row.seq for row in world.rows if row.change == change), default=0) != after:
            raise OvertakenError(change)
        previous = world.rows[-1].digest if world.rows else GENESIS
        row = link(previous, len(world.rows) + 1, "2026-11-20T00:00:00+00:00", change, step, dict(body))
        world.rows.append(row)
        world.point(f"journal {step} after")
        return row

    def rows(self, change: str | None = None) -> list[Row]:
        return [row for row in self.world.rows if change is None or row.change == change]

    def keep_plan(self, digest: str, content: bytes) -> None:
        self.world.plans[digest] = content

    def plan(self, digest: str) -> bytes:
        return self.world.plans[digest]


class Inline(Executor):
    """Runs each piece at once in the caller, so that a walk is the same every time."""

    def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(work(*args, **kwargs))
        return future


@dataclass
class SimulatedClock:
    world: World
    interrupt_at: float | None = None

    def now(self) -> float:
        return self.world.now

    def wait(self, seconds: float) -> None:
        self.world.advance(seconds)

    @property
    def interrupted(self) -> bool:
        return self.interrupt_at is not None and self.world.now >= self.interrupt_at


def make_plan(names: tuple[str, ...]) -> Plan:
    device = DevicePlan(
        platform="frr", address="192.0.2.1", running=OLD, running_hash=digest(OLD), candidate=NEW,
        candidate_hash=digest(NEW),
        changes=(Change(sign="+", en="VRF school", ja="VRF school", origin="mini.yaml:1"),), unknown=(),
    )  # fmt: skip
    return Plan(
        format=2, id="0123456789ab", tool="0", created="2026-11-20T00:00:00+00:00", author="sato", target="city",
        login=Login(user="sanso", key=None, known_hosts=None, port=22), city="mini", city_hash="0" * 64,
        devices=dict.fromkeys(names, device),
        checks=tuple(
            Check(kind="ping", device=name, vrf="", subject="192.0.2.9", family=4, known=True) for name in names
        ),
        proof=PROVED,
    )  # fmt: skip


def make_world(count: int = 3) -> World:
    return World({f"d{number}": Device() for number in range(count)})


def fleet(world: World, plan: Plan) -> Fleet:
    stations = [Station(name, "frr", "192.0.2.1") for name in plan.devices]
    return Fleet(stations, lambda station: _opened(world, station.name), executor=Inline())


def _opened(world: World, name: str) -> SimulatedDriver:
    driver = SimulatedDriver(world, name)
    driver.open()
    return driver


def run_apply(world: World, clock: SimulatedClock | None = None, before_red: Collection[str] = ()) -> Outcome:
    """What comes after a plan was found to fit; the checks of the devices `before_red` were red then."""
    plan = make_plan(tuple(world.devices))
    journal = InMemoryJournal(world)
    change, last = begin(journal, plan, plan_bytes(plan), "suzuki")
    clock = clock or SimulatedClock(world)
    with fleet(world, plan) as devices:
        green = {check for check in plan.checks if check.device not in before_red}
        return Transaction(devices, plan, green, Record(journal, change, last), clock, Timing()).run()


def run_recover(world: World, *, overwrite: bool = False) -> Outcome | None:
    return recover(
        InMemoryJournal(world), lambda _plan: TARGET, lambda _target, plan: fleet(world, plan), overwrite=overwrite
    )


def killed_everywhere(world: World, action: Callable[[World], object]) -> Iterator[World]:
    """The worlds left behind by killing `action` at each of its points; last, the one where it was let run."""
    for at in itertools.count():
        trial = world.clone()
        trial.fault, trial.journal_full_at, trial.late_kill = world.fault, world.journal_full_at, world.late_kill
        trial.kill_at = at
        try:
            action(trial)
        except Kill:
            yield trial
            continue
        except JournalError:
            pass
        except Exception as error:
            if not _told(error):
                raise
        yield trial
        return


def _told(error: Exception) -> bool:
    return hasattr(error, "what")
