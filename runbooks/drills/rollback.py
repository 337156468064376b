"""The way back: every fault healed, every step undone that was begun, and the hypothesis green again. Its own verdict.

It runs after every drill, good or bad, so the way back is drilled too. One part that fails does not keep the next one
from being tried.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from inventory.errors import SansoError
from inventory.text import Text
from runbooks.drills.interrupts import tell
from runbooks.drills.model import Undoing

if TYPE_CHECKING:
    from runbooks.drills.engine import Engine

_AFTER_S = 240.0


def go_back(engine: Engine) -> bool:
    """Go back; whether all is as it was."""
    engine.phase("rollback", Text("The way back", "復旧"))
    good = True
    for part in engine.scenario.rollback:
        if not _wanted(engine, part):
            continue
        good = _undo(engine, part) and good
    engine.phase("after", Text("Hypothesis: all green again?", "終了後の確認"))
    try:
        green = engine.look("after", _AFTER_S)
    except (SansoError, OSError) as error:
        _tell_failure(error)
        green = False
    whole = good and (green or not engine.world.touches)
    engine.diary.write("rollback", {"success": whole, "parts": good, "green": green})
    return whole


def _wanted(engine: Engine, part: Undoing) -> bool:
    """A part is left out when there is nothing to heal or undo, or when it was done already."""
    seen = engine.so_far.undone.get(part.id)
    if seen is not None and seen.good:
        return False
    if part.heals:
        return part.heals in engine.so_far.faults
    return part.undoes in engine.so_far.steps


def _undo(engine: Engine, part: Undoing) -> bool:
    tell(Text(f"   {part.title.en}", f"   {part.title.ja}"))
    engine.diary.write("rollback", {"id": part.id, "state": "begun"})
    told: dict[str, object] = {}
    good = False
    try:
        if part.heals:
            fault = next(fault for fault in engine.scenario.faults if fault.id == part.heals)
            engine.world.heal(fault)
            good = True
        if part.runbook:
            decided = engine.so_far.clocks.get("decided", {})
            approver = str(decided.get("by", "")) or "rollback"
            done = engine.world.by_machine(part, approver, lambda: False)
            good, told = done.good, dict(done.told)
    except (SansoError, OSError) as error:
        _tell_failure(error)
        good, told = False, {"why": str(error)}
    engine.diary.write("rollback", {"id": part.id, "state": "done", "good": good, "heals": part.heals, **told})
    return good


def _tell_failure(error: SansoError | OSError) -> None:
    tell(error.what if isinstance(error, SansoError) else Text(f"failed: {error}", f"失敗しました: {error}"))
