"""A simulation of a city for the drill engine alone: nothing in it is real. The real one is tried in the lab."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deploy.chain import Row
from deploy.journal import Journal
from inventory.loader import load_city
from inventory.model import City
from inventory.text import Text
from runbooks.drills.diary import Diary
from runbooks.drills.engine import Cast, Engine, Verdict
from runbooks.drills.interrupts import Interrupts
from runbooks.drills.model import Claim, Fault, Step, Undoing
from runbooks.drills.operator import Automatic
from runbooks.drills.reading import Drillable, read_scenario
from runbooks.drills.standing import PREFIX, Standing
from runbooks.drills.world import Detection, Done, Seen, Watch

TOWN = Path(__file__).parents[2] / "cities/town"


class DeadError(BaseException):
    """The process is gone: nothing of it may go on."""


@dataclass
class PretendedCity:
    """What outlives the process that drills it. `promoted`: certificates go on from the city hall."""

    broken: set[str] = field(default_factory=set)
    promoted: bool = False
    clock: float = 1_000_000.0
    steps: list[str] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        return not self.broken and not self.promoted


class Pretended:
    """A world made of a pretended city. `worse` is what `trouble` tells."""

    touches = True

    def __init__(self, city: PretendedCity) -> None:
        self.city = city
        self.worse: Callable[[Standing], tuple[str, Text] | None] = lambda _standing: None
        self.heals = True
        self.measured: dict[str, Any] = {}
        self.fails: set[str] = set()

    def now(self) -> float:
        self.city.clock += 0.25
        return self.city.clock

    def wait(self, seconds: float) -> None:
        self.city.clock += seconds

    def prepare(self, so_far: Standing) -> Mapping[str, Any]:
        del so_far
        return {"detection": "alert"}

    def claims(self, claims: Sequence[Claim], limit_s: float, watch: Watch) -> list[Seen]:
        del limit_s
        watch()
        return [Seen(claim, self.city.whole) for claim in claims]

    def marker(self) -> Mapping[str, Any] | None:
        return {"number": 7, "issued_at": self.city.clock}

    def inject(self, fault: Fault) -> None:
        self.city.broken.add(fault.id)

    def heal(self, fault: Fault) -> None:
        if self.heals:
            self.city.broken.discard(fault.id)

    def detected(self, since: float, watch: Watch) -> Detection | None:
        watch()
        return Detection("alert", {"alert": "WorkloadDown"}) if self.city.clock > since + 3 else None

    def by_hand(self, step: Step, who: str, watch: Watch) -> Done:
        watch()
        self.city.steps.append(step.id)
        return Done(step.id not in self.fails, {"who": who or "auto", "how": "auto"})

    def by_machine(self, step: Step | Undoing, approver: str, stop: Callable[[], bool]) -> Done:
        del approver
        self.city.steps.append(step.id)
        if stop():
            return Done(good=False)
        if step.id == "failover":
            self.city.promoted = True
        if step.id == "failback":
            self.city.promoted = False
        return Done(step.id not in self.fails)

    def green(self, since: float, watch: Watch) -> Mapping[str, Any] | None:
        del since
        watch()
        return {"moment": self.city.clock} if self.city.promoted else None

    def survived(self, marker: Mapping[str, Any] | None, since: float, watch: Watch) -> Mapping[str, Any]:
        del marker, since, watch
        return {"issued": 1, "lost": [], "rpo_s": 0.0}

    def trouble(self, standing: Standing) -> tuple[str, Text] | None:
        return self.worse(standing)

    def close(self) -> Mapping[str, Any]:
        return self.measured


class MortalJournal(Journal):
    """A journal whose writer dies at its n-th row (from 1): before it is written, or right after."""

    def __init__(self, url: str, dies_at: int = 0, *, after_writing: bool = False) -> None:
        super().__init__(url)
        self.dies_at = dies_at
        self.after_writing = after_writing
        self.written = 0

    def append(self, change: str, step: str, body: Mapping[str, Any], *, after: int | None = None) -> Row:
        self.written += 1
        if self.written == self.dies_at and not self.after_writing:
            raise DeadError
        row = super().append(change, step, body, after=after)
        if self.written == self.dies_at:
            raise DeadError
        return row


def town() -> tuple[City, Drillable]:
    city = load_city(TOWN)
    return city, read_scenario("data-center-lost", {}, city)


def begun(url: str, drill: str = "d1") -> None:
    body = {"scenario": "data-center-lost", "mode": "live", "participants": {}, "operator": "tanaka", "at": 1_000_000.0}
    with Journal(url) as book:
        book.append(PREFIX + drill, "drill-begin", body)


def drilled(book: Journal, world: Pretended, *, abort: bool = False, interrupts: Interrupts | None = None) -> Verdict:
    """Run, or take over, drill d1."""
    city, drill = town()
    last = book.rows(PREFIX + "d1")[-1].seq
    diary = Diary(book, "d1", last, world.now)
    cast = Cast({}, "tanaka", abort=abort)
    return Engine(drill.scenario, city, world, Automatic(), cast, diary, interrupts or Interrupts()).run()
