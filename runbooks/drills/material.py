"""What the record of a drill is made of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.chain import Row
from inventory.model import City
from runbooks.drills.clocks import Result, fault_at, judged
from runbooks.drills.meters import Sample, read_samples
from runbooks.drills.reading import Drillable
from runbooks.drills.standing import Standing


@dataclass(frozen=True)
class Material:
    """A drill that has ended, with everything that was seen. `journal` is the whole journal up to its last row."""

    drill: Drillable
    city: City
    standing: Standing
    journal: Sequence[Row]
    samples: Mapping[str, Sequence[Sample]]
    created: dt.datetime
    tool: str

    @property
    def results(self) -> tuple[Result, ...]:
        return judged(self.drill.scenario, self.city, self.standing)

    @property
    def fault_at(self) -> float | None:
        return fault_at(self.standing)

    @property
    def seconds(self) -> float:
        """How long it took from its beginning to its end."""
        end = self.standing.end
        return (float(end["at"]) if end is not None else self.standing.at) - self.standing.at


def samples_in(folder: Path) -> dict[str, list[Sample]]:
    """What every meter has kept in a drill's folder."""
    return {file.stem: list(read_samples(file)) for file in sorted(folder.glob("*.csv"))} if folder.is_dir() else {}
