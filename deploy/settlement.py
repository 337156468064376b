"""Bring every device of a change to one side, whatever has happened to it before.

The rule, in this order:

1. Where no commit was ever begun nothing happened: the old side, without asking. What the journal calls settled stays
   so; what it decided to be old stays old. A decision for the new side may still be taken back, one for the old side
   never: so the deciding ends.
2. The new side, if at least one device was confirmed and every other one answers and can be brought along: checks had
   passed on all of them, and confirming or pushing the rest disturbs least.
3. Else the old side. It is the one side that a device reaches without us, by its timer or at its next boot, so it is
   right whenever one does not answer; and a confirmed device can go back as long as its snapshot is kept, which is
   until every device was seen on one side.

Each step is written to the journal before it is taken and may be taken twice; a kill anywhere is answered by running
it again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from deploy.device import Driver, TroubleError
from deploy.fleet import Fleet, split
from deploy.plan import DevicePlan
from deploy.record import Record, Side
from inventory.text import Text

PUSH_REVERT_S = 120
"""Revert timer of a push made while settling: loading, committing and confirming follow one another at once."""

ROUNDS = 4
"""Times devices are brought along before those left over are named: two for the new side (a timer may run out between
the look and the confirmation), two for the old one after turning back."""

Standing = Literal["old", "new", "pending", "confirmed", "undoing", "undone", "half", "other", "busy"]
"""Where a device stands. pending, confirmed: it runs the new side, with a timer, or saved with its snapshot kept.
undoing, undone: the same for a push of the old text. half: a commit of ours was cut short; it has a snapshot and a
timer. other: it runs neither. busy: a commit of another change is pending."""

ON_SIDE: Mapping[Side, frozenset[Standing]] = {
    "old": frozenset({"old", "undone"}),
    "new": frozenset({"confirmed", "new"}),
}


@dataclass(frozen=True, slots=True)
class Settlement:
    """What came of it: the side, and the devices not known to be on it yet, each with its reason."""

    side: Side
    unsettled: Mapping[str, Text]


def undo_tag(change: str) -> str:
    """The name under which the old text is pushed, so that its commit is never taken for the change's own."""
    return f"{change}.undo"


def standing(change: str, plan: DevicePlan, driver: Driver) -> Standing:
    """Where a device stands in a change, as it tells now."""
    pending = driver.pending_commit()
    running = driver.get_config("running")["running"]
    if pending is not None:
        if pending.change == change:
            waiting: Standing = "pending" if plan.runs("new", running) else "half"
            return "confirmed" if pending.confirmed else waiting
        if pending.change == undo_tag(change):
            waiting = "undoing" if plan.runs("old", running) else "half"
            return "undone" if pending.confirmed else waiting
        if not pending.confirmed:
            return "busy"
    if plan.runs("old", running):
        return "old"
    return "new" if plan.runs("new", running) else "other"


def decide(seen: Mapping[str, Standing | TroubleError]) -> Side:
    """The side to take when nothing is decided yet (the module's rule 2 and 3)."""
    movable = frozenset[object]({"old", "pending", "half"}) | ON_SIDE["new"]
    anyone = any(place in ON_SIDE["new"] for place in seen.values())
    everyone = all(place in movable for place in seen.values())
    return "new" if anyone and everyone else "old"


def settle(
    fleet: Fleet, record: Record, plans: Mapping[str, DevicePlan], *, side: Side | None = None, overwrite: bool = False
) -> Settlement:
    """Bring every device of `plans` to one side, then close the change.

    Args:
        fleet: the devices.
        record: the change's pen.
        plans: what the change does to each of its devices.
        side: the side to take, where the caller knows; else the rule decides.
        overwrite: also overwrite what stands on a device that runs neither side.
    """
    known = record.progress()
    if not known.committed:
        record.write("end", {"side": "old"})
        return Settlement("old", {})
    target = known.final or side
    unsettled: dict[str, Text] = {}
    if known.settled is None:
        target, unsettled = _bring_all(
            fleet, record, plans, target, decided=known.final is not None, overwrite=overwrite
        )
        if unsettled:
            record.write("unsettled", {"side": target, "devices": {name: why.en for name, why in unsettled.items()}})
            return Settlement(target, unsettled)
        record.write("settled", {"side": target})
    assert target is not None  # noqa: S101 settled above or earlier
    _, bad = split(fleet.each(plans, Text("closing the change", "変更の終了"), _closer(record.change, target)))
    if bad:
        return Settlement(target, {name: error.reason for name, error in bad.items()})
    record.write("end", {"side": target})
    return Settlement(target, {})


def _bring_all(  # noqa: PLR0913 what a settlement is made of
    fleet: Fleet,
    record: Record,
    plans: Mapping[str, DevicePlan],
    target: Side | None,
    *,
    decided: bool,
    overwrite: bool,
) -> tuple[Side, dict[str, Text]]:
    """Look, decide, act and look again, until every device was seen on the side or nothing more can be done."""

    def look(name: str, driver: Driver) -> Standing:
        return standing(record.change, plans[name], driver)

    for turn in range(ROUNDS + 1):
        seen = fleet.each(plans, Text("looking where each device stands", "各機器の状態の確認"), look)
        if target is None:
            target = decide(seen)
        elif target == "new" and decide(seen) == "old":
            target, decided = "old", False
        if not decided:
            record.write("decide", {"side": target, "seen": _words(seen)})
            decided = True
        left = {name: place for name, place in seen.items() if place not in ON_SIDE[target]}
        if not left or turn == ROUNDS:
            return target, {name: _why(place) for name, place in left.items()}
        movable: dict[str, Standing] = {
            name: place
            for name, place in left.items()
            if not isinstance(place, TroubleError) and place != "busy" and (place != "other" or overwrite)
        }
        if not movable and target == "old":
            return target, {name: _why(place) for name, place in left.items()}
        record.write("bring", {"side": target, "devices": dict(movable)})
        act = _mover(record.change, plans, movable, target)
        _, bad = split(fleet.each(movable, _BRINGING[target], act))
        record.write("brought", {"side": target, "failed": {name: error.reason.en for name, error in bad.items()}})
        if bad and target == "new" and turn:
            target, decided = "old", False
    raise AssertionError


_BRINGING: Mapping[Side, Text] = {
    "old": Text("going back to the old configuration", "変更前の設定への復帰"),
    "new": Text("bringing the rest to the new configuration", "残りの機器への変更後の設定の適用"),
}


def _mover(
    change: str, plans: Mapping[str, DevicePlan], seen: Mapping[str, Standing], side: Side
) -> Callable[[str, Driver], None]:
    def move(name: str, driver: Driver) -> None:
        place = seen[name]
        if (side, place) in {("new", "pending"), ("old", "undoing")}:
            driver.confirm_commit()
        elif place in {"pending", "confirmed", "half"}:
            driver.rollback()
        else:
            text = plans[name].payload(side)
            push(driver, text, change if side == "new" else undo_tag(change))

    return move


def push(driver: Driver, text: str, tag: str) -> None:
    """Make `text` what the device runs and starts with."""
    driver.load_replace_candidate(config=text)
    driver.commit_config(message=tag, revert_in=PUSH_REVERT_S)
    driver.confirm_commit()


def _closer(change: str, side: Side) -> Callable[[str, Driver], None]:
    # A device whose snapshot is of the old text's push stands on the old side, or on its way there.
    tags = (change,) if side == "new" else (change, undo_tag(change))

    def close(_name: str, driver: Driver) -> None:
        for tag in tags:
            driver.close_change(tag)

    return close


def _words(seen: Mapping[str, Standing | TroubleError]) -> dict[str, str]:
    return {name: place.kind if isinstance(place, TroubleError) else place for name, place in seen.items()}


_PLACES: Mapping[str, Text] = {
    "other": Text(
        "runs neither the old nor the new configuration: somebody changed it by hand; look at it, then "
        "`sanso recover --overwrite` puts the decided side in place",
        "変更前でも変更後でもない設定で動作しています (手作業による変更)。確認のうえ `sanso recover --overwrite` で"
        "決定した側の設定に揃えます",
    ),
    "busy": Text("a commit of another change is pending on it", "別の変更のコミットが保留中です"),
}


def _why(place: Standing | TroubleError) -> Text:
    if isinstance(place, TroubleError):
        return place.reason
    return _PLACES.get(place, Text(f"it is still in state {place}", f"状態 {place} のままです"))
