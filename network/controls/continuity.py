"""Keeping the city's work going (C56 to C58)."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.text import Text
from network.controls.control import Awaited, Control, Evidence
from network.controls.facts import Facts
from network.controls.proved import resilience


class NoSinglePoint(Control):
    """C56: registered flows survive any single failure."""

    id = "C56"
    title = Text("No single point of failure", "単一障害点")
    rule = Text(
        "registered flows survive the loss of any node, link or circuit",
        "登録された通信が、機器・配線・回線のどれか 1 つの障害でも続くこと",
    )
    bases = ("S",)
    needs = ("proof",)

    def evidence(self, facts: Facts) -> Iterator[Evidence]:
        yield from resilience(facts)


class InitialTasks(Awaited):
    """C57: initial tasks have resources, alternates and a target."""

    id = "C57"
    title = Text("Resources and targets of initial tasks", "初動業務の資源と目標時間")
    rule = Text(
        "each initial task names its resources, their alternates and its target start",
        "初動業務ごとに、必要な資源・代替手段・目標開始時間が定められていること",
    )
    bases = ("F", "S")
    awaits = Text("the ICT-BCP's initial tasks", "ICT-BCP の初動業務の一覧")


class YearlyDrill(Awaited):
    """C58: a drill each year, with its findings closed."""

    id = "C58"
    title = Text("A drill each year", "年次訓練")
    rule = Text(
        "the last drill is at most 12 months ago and its findings are closed",
        "直近の訓練が 12 か月以内で、課題が解決済みであること",
    )
    bases = ("F", "S")
    awaits = Text("the records of drills", "訓練の記録")


CONTROLS: tuple[Control, ...] = (NoSinglePoint(), InitialTasks(), YearlyDrill())
