"""What a drill acts on: the lab, or a table around which people talk."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from inventory.text import Text
from runbooks.drills.model import Claim, Fault, Step, Undoing
from runbooks.drills.standing import Standing

Watch = Callable[[], None]
"""Called while something is waited for; raises Deviated when the drill has to stop."""


class Deviated(Exception):  # noqa: N818 no failure of the program: what the drill has to go back for
    """The drill does not go as the scenario says and has to go back. `code` names the kind for programs."""

    def __init__(self, reason: Text, code: str) -> None:
        super().__init__(reason.en)
        self.code = code
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Seen:
    """A claim of the hypothesis as it was found."""

    claim: Claim
    good: bool
    told: str = ""


@dataclass(frozen=True, slots=True)
class Detection:
    """By what the fault was noticed."""

    by: str
    told: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a step: `told` goes into the journal and into the record."""

    good: bool
    told: Mapping[str, Any] = field(default_factory=dict)


class World(Protocol):
    """What the engine asks of what it acts on. Moments are seconds since 1970."""

    touches: bool
    """Whether anything is really broken and mended; what was not touched is whole, whoever can tell."""

    def now(self) -> float: ...
    def wait(self, seconds: float) -> None: ...
    def prepare(self, so_far: Standing) -> Mapping[str, Any]:
        """Begin to look; what is used to look, for the record."""
        ...

    def claims(self, claims: Sequence[Claim], limit_s: float, watch: Watch) -> list[Seen]:
        """Look at the hypothesis until all of it is green, for `limit_s` seconds at most."""
        ...

    def marker(self) -> Mapping[str, Any] | None:
        """The last record the service has acknowledged: the planted marker."""
        ...

    def inject(self, fault: Fault) -> None: ...
    def heal(self, fault: Fault) -> None: ...
    def detected(self, since: float, watch: Watch) -> Detection | None:
        """By what the fault has been noticed by now."""
        ...

    def by_hand(self, step: Step, who: str, watch: Watch) -> Done: ...
    def by_machine(self, step: Step | Undoing, approver: str, stop: Callable[[], bool]) -> Done: ...
    def green(self, since: float, watch: Watch) -> Mapping[str, Any] | None:
        """Since when the service has been there again after what happened at `since` (`moment`); None: not yet."""
        ...

    def survived(self, marker: Mapping[str, Any] | None, since: float, watch: Watch) -> Mapping[str, Any]:
        """What is left of the records acknowledged before `since`."""
        ...

    def trouble(self, standing: Standing) -> tuple[str, Text] | None:
        """Why the drill has to stop at once, if it has to."""
        ...

    def close(self) -> Mapping[str, Any]:
        """End looking; what was measured on the way, for the record."""
        ...
